"""How she leaves one item out, or wants no more of them."""

from bot.core.answer_marks import Kind
from bot.core.answer_words import word_set

REFUSALS: dict[Kind, str] = {
    Kind.SKIP: """skip | skip it | skip this | skip this 1 | skip this question | skip that
        | skip that 1 | skip question | skip the question | skip for now | skip me | skipp
        | skipping | ill skip | id rather skip | i want to skip | i wanna skip | let me skip
        | lets skip | can i skip | can i skip this | can i skip this 1 | can i skip it
        | can we skip this | can we skip | pass | ill pass | i pass | hard pass | pass on this
        | pass on this 1 | next | next 1 | next question | prefer not to say | prefer not to answer
        | rather not say | rather not answer | id rather not | id rather not say
        | id rather not answer | i would rather not say | i would rather not answer
        | i dont want to answer | i dont want to answer this | i dont want to answer that
        | i dont want to answer this 1 | i dont wanna answer | i dont wanna say | i dont want to say
        | no comment | not answering that | not answering this | saltar | saltar esta | saltarla
        | salta | saltala | salte | saltear | saltarme esta | salto | quiero saltar | omitir
        | omitirla | omitir esta | omita | omitela | paso | paso de esta | yo paso | pasar
        | siguiente | la siguiente | la que sigue | siguiente pregunta | otra pregunta
        | prefiero no contestar | prefiero no responder | prefiero no decir | prefiero no decirlo
        | no quiero contestar | no quiero contestar eso | no quiero contestar esa
        | no quiero contestar esta | no quiero responder | no quiero responder eso | no quiero decir
        | puedo saltar | puedo saltarla | la salto | puedo saltar esta""",
    Kind.DECLINE: """stop asking | quit asking | done with this survey | no more of this survey
        | stop the survey | stop this survey | stop these | no pregunte | no pregunten
        | ya no quiero contestar | ya no quiero responder | ya no contesto | ya no respondo
        | i dont want to do this survey | i dont want to do this check in
        | i dont want to do the check in | no check in | no check in today | not doing this
        | not doing this today | im not doing this | im not answering any more
        | im not answering anymore | done answering | im done answering | no more check in
        | no more check ins""",
}
# Manners, not a zero; with or without a comma.
POLITE_NO = (
    "no thanks | no thank you | no thx | no ty | nah thanks | no gracias | no muchas gracias"
)
# After these she may add anything; whole sentences often follow them.
DECLINE_OPEN = """stop asking me | stop asking these | stop asking this
    | stop asking questions | stop asking so many questions | stop asking all these
    | quit asking me | quit asking these | quit asking questions | no more questions
    | no more of these questions | no more of your questions | enough questions
    | enough with the questions | enough with these questions | enough of these questions
    | enough of the questions | stop the questions | stop with the questions
    | stop with these questions | stop these questions | stop sending me questions
    | stop sending questions | stop sending these questions | dont ask me | dont ask again
    | dont ask anymore | done with these questions | done with the questions
    | done with your questions | done with questions | i dont want any more questions
    | i dont want more questions | i dont want these questions | i dont want to answer any more
    | i dont want to answer anymore | i dont want to answer these questions
    | i dont want to answer any of these | i dont want to answer your questions | ya no pregunte
    | ya no pregunten | ya no me pregunte | ya no me pregunten | ya no me preguntes
    | ya no preguntes | no me pregunte | no me pregunten | no me preguntes | no pregunte mas
    | no pregunten mas | no preguntes mas | deje de preguntar | deje de preguntarme
    | dejen de preguntar | dejen de preguntarme | deja de preguntar | deja de preguntarme
    | basta de preguntas | no mas preguntas | ya no mas preguntas | ya basta de preguntas
    | ya basta con las preguntas | no quiero mas preguntas | ya no quiero preguntas
    | ya no quiero mas preguntas | no quiero que me pregunten | ya no quiero contestar mas
    | no quiero contestar mas | ya no quiero contestar preguntas | ya no quiero contestar nada
    | no quiero contestar preguntas | ya no quiero responder mas | no quiero responder mas
    | estoy harta de preguntas | ya no me hagan preguntas | ya no me haga preguntas
    | no me hagan mas preguntas | no me haga mas preguntas"""
BEFORE_DECLINE = word_set(
    """please pls plz can could you u ya just por favor porfa i im need want quiero que puede
    pueden ok okay no omg hey ugh so well bueno pues would like"""
)
