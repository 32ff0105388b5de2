"""The little words by which a sentence shows that a name, a place, an age or a date comes."""

import re


def _set(block: str) -> frozenset[str]:
    return frozenset(block.split())


ADDRESS = re.compile(
    r"\S+\s?@\s?\S+|@\w+|\b\S+\s(?:at|arroba)\s\S+\s(?:dot|punto)\s\w+"
    r"|(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|org|net|edu|gov|io|me|us)\b\S*",
    re.IGNORECASE,
)
# Numbers that are everybody's.
PLAIN_NUMBERS = _set("0 1 2 3 4 5 6 7 8 9 24 988 911")
# A digit with what it counts: 3am, 2x. Other mixtures of digits and letters hide something.
PLAIN_TOKENS = re.compile(r"\d(?:am|pm|x)|phq[29]|gad[27]|b12|\dst|2nd|3rd|covid19")
NUMBER_WORDS = _set(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece "
    "catorce quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos treinta "
    "cuarenta cincuenta sesenta setenta ochenta noventa cien"
)
ORDINALS = _set(
    "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth 4th 5th 6th 7th 8th "
    "9th 10th 11th 12th 13th 14th 15th 16th 17th 18th 19th 20th 21st 22nd 23rd 24th 25th 26th 27th "
    "28th 29th 30th 31st 1st 2nd 3rd primero"
)
AGE_UNITS = _set(
    "day days week weeks wk wks month months mo mos year years yr yrs old dia dias semana semanas "
    "mes meses ano anos hours hrs"
)
TURNS = _set("turned turns turning cumplio cumple cumplira")

# After these comes a name.
CALLED = _set(
    "named llamo llama llaman llamado llamada soy im i'm nombre apodo apellido dr dra doctor "
    "doctora nurse mr mrs ms miss sr sra srta don dona"
) | {"name is", "names is", "name's", "call me", "i am", "this is", "nombre es", "name was"}
TITLES = _set(
    "dr dra doctor doctora nurse mr mrs ms miss sr sra srta senor senora don dona tia tio"
)
RELATIVES = _set(
    "son daughter baby husband wife partner boyfriend girlfriend sister brother mom mother dad "
    "father friend cousin aunt uncle grandma grandpa kid boy girl twin twins fiance ex little "
    "toddler newborn hijo hija bebe esposo esposa marido pareja novio novia hermana hermano mama "
    "papa madre padre amiga amigo prima primo tia tio abuela abuelo nino nina with and y con"
)
SAYS_OF_PERSON = _set(
    "is was has had won't wont keeps cries cried sleeps slept eats ate threw doesn't doesnt needs "
    "wakes woke feels felt said says told takes took esta tiene llora no duerme come se dice dijo "
    "vomito lleva"
)
# May stand after "I am", "dr" and the like without being a name.
PLAIN_WORDS = _set(
    "a an the my your his her our their this that these those it its is are was were be been not "
    "no so too very just still here there now then today tonight and or but to of for from in on "
    "at with as if who what when where why how i you he she we they me him them us said says told "
    "tell can could will would do does did un una el la los las mi su tu de del y o que como "
    "cuando donde muy ya no si se en con por para es esta estoy al lo le me te nos"
)
# Capitals that stand in the middle of a sentence and name nobody.
CAPITALS = _set(
    "I I'm I'll I'd I've I’m I’ll I’d I’ve OK Ok TV ER SMS CALL STOP HELP START YES NO SKIP "
    "LLAMAR ALTO AYUDA PHQ GAD PPD OB OBGYN GYN NICU ICU BP IV MD RN US UTI ID God Dios English "
    "Spanish Tylenol Advil Zoloft DoorDash Medicaid Medicare"
)

PLACE_TAILS = _set(
    "street st ave avenue road rd drive lane ln blvd boulevard highway hwy parkway pkwy court ct "
    "county hospital clinic medical church parish school elementary daycare university college "
    "apartments park beach heights springs village"
)
PLACE_HEADS = _set(
    "calle avenida av carretera condado hospital clinica iglesia escuela colonia barrio "
    "apartamento apt apto unit suite route"
)
BEFORE_PLACE_WORD = _set(
    "the a an my your our this that any which what each every to at in from of on for is no and or "
    "your la el una un mi su del al en de local new same another other next last through by near "
    "with wo without be go go2 leave leaving test start first grad old back before after during "
    "little big public private nice i u we you they can could not get gets need go"
)
AFTER_PLACE_WORD = _set(
    "is was a an the or and to for in on at if my your when que y o o es esta con para por en de "
    "del al la el mi su no si me se cuando bag bags stay visit visits bill bills room trip said "
    "told says has had can will puede tiene cerca"
)
