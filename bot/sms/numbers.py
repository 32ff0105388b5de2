"""Writes a phone number one way, so that one mother is one person in our tables."""

import phonenumbers

HOME_REGION = "US"


def normalise_number(raw: str) -> str:
    """The number in E.164 ("+12025550101"); short codes and senders with letters as they came.

    Numbers are not checked for being in use: that is for the carrier to find out.
    """
    # Letters: a sender name, or a channel address such as "whatsapp:+1…". phonenumbers would dial
    # them as a keypad does, and make somebody else's number of a name.
    if any(character.isalpha() for character in raw):
        return raw
    try:
        parsed = phonenumbers.parse(raw, HOME_REGION)
    except phonenumbers.NumberParseException:
        return raw
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    # Seven digits are "possible, locally"; E.164 has no such number.
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return raw
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
