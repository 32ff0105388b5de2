def test_a_greeting_is_answered(world):
    world.text("Ann", "hello")
    assert world.to("Ann") == ["utter_greet"]


def test_a_crisis_text_pages_who_is_on_call(world):
    world.text("Bea", "i want to die")
    assert world.to("Bea") == ["crisis_suicide"]
    assert world.to("Dr Bose") == ["page_alert"]
    alert = world.alert("Bea")
    world.wait(minutes=16)
    assert world.to("Dr Ruiz") == ["page_alert_again"]
    world.text("Dr Bose", f"ack {alert.code}")
    assert world.alert("Bea").status == "acknowledged"
