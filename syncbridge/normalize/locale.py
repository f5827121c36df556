"""Countries and languages, from names and codes as people and vendors write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from syncbridge.normalize.reading import UNPARSED, Reading
from syncbridge.normalize.text import clean_line, fold

#: ISO 3166 alpha-2, alpha-3, then names, the English one first.
_COUNTRIES: Final = """
AD AND Andorra
AE ARE United Arab Emirates|UAE|Emirates|Vereinigte Arabische Emirate|الإمارات
AF AFG Afghanistan
AL ALB Albania|Albanien|Shqipëria
AM ARM Armenia|Armenien
AO AGO Angola
AR ARG Argentina|Argentinien|Argentine
AT AUT Austria|Österreich|Oesterreich|Autriche
AU AUS Australia|Australien
AZ AZE Azerbaijan|Aserbaidschan
BA BIH Bosnia and Herzegovina|Bosnien und Herzegowina|Bosnia
BD BGD Bangladesh|Bangladesch
BE BEL Belgium|Belgien|België|Belgique
BF BFA Burkina Faso
BG BGR Bulgaria|Bulgarien|България
BH BHR Bahrain
BJ BEN Benin|Bénin
BO BOL Bolivia|Bolivien
BR BRA Brazil|Brasil|Brasilien|Brésil
BW BWA Botswana
BY BLR Belarus|Weißrussland
CA CAN Canada|Kanada
CD COD Democratic Republic of the Congo|DR Congo|Congo-Kinshasa
CG COG Republic of the Congo|Congo-Brazzaville
CH CHE Switzerland|Schweiz|Suisse|Svizzera
CI CIV Côte d'Ivoire|Ivory Coast|Elfenbeinküste
CL CHL Chile
CM CMR Cameroon|Kamerun|Cameroun
CN CHN China|PR China|People's Republic of China|中国|中國
CO COL Colombia|Kolumbien
CR CRI Costa Rica
CU CUB Cuba|Kuba
CY CYP Cyprus|Zypern
CZ CZE Czechia|Czech Republic|Tschechien|Česko
DE DEU Germany|Deutschland|Allemagne|Alemania|Alemanha|Germania|Almanya|BRD
DK DNK Denmark|Dänemark|Danmark
DO DOM Dominican Republic|República Dominicana
DZ DZA Algeria|Algerien|Algérie|الجزائر
EC ECU Ecuador
EE EST Estonia|Estland|Eesti
EG EGY Egypt|Ägypten|مصر
ES ESP Spain|España|Spanien|Espagne|Espanha
ET ETH Ethiopia|Äthiopien
FI FIN Finland|Finnland|Suomi
FR FRA France|Frankreich|Francia|França
GB GBR United Kingdom|UK|Great Britain|England|Scotland|Wales|Vereinigtes Königreich|Großbritannien
GE GEO Georgia|Georgien
GH GHA Ghana
GR GRC Greece|Griechenland|Ελλάδα
GT GTM Guatemala
HK HKG Hong Kong|Hongkong|香港
HN HND Honduras
HR HRV Croatia|Kroatien|Hrvatska
HU HUN Hungary|Ungarn|Magyarország
ID IDN Indonesia|Indonesien
IE IRL Ireland|Irland|Éire
IL ISR Israel|ישראל
IN IND India|Indien|भारत|Bharat
IQ IRQ Iraq|Irak|العراق
IR IRN Iran
IS ISL Iceland|Island
IT ITA Italy|Italien|Italia|Italie
JM JAM Jamaica|Jamaika
JO JOR Jordan|Jordanien|الأردن
JP JPN Japan|日本|Nippon
KE KEN Kenya|Kenia
KG KGZ Kyrgyzstan|Kirgisistan
KH KHM Cambodia|Kambodscha
KR KOR South Korea|Korea|Republic of Korea|Südkorea|대한민국|한국
KW KWT Kuwait|الكويت
KZ KAZ Kazakhstan|Kasachstan
LA LAO Laos
LB LBN Lebanon|Libanon|لبنان
LI LIE Liechtenstein
LK LKA Sri Lanka
LT LTU Lithuania|Litauen|Lietuva
LU LUX Luxembourg|Luxemburg
LV LVA Latvia|Lettland|Latvija
LY LBY Libya|Libyen|ليبيا
MA MAR Morocco|Marokko|Maroc|المغرب
MC MCO Monaco
MD MDA Moldova|Moldau
ME MNE Montenegro
MG MDG Madagascar|Madagaskar
MK MKD North Macedonia|Nordmazedonien|Macedonia
ML MLI Mali
MM MMR Myanmar|Burma
MN MNG Mongolia|Mongolei
MO MAC Macao|Macau|澳門|澳门
MT MLT Malta
MU MUS Mauritius
MX MEX Mexico|México|Mexiko
MY MYS Malaysia
MZ MOZ Mozambique|Moçambique|Mosambik
NA NAM Namibia
NE NER Niger
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands|The Netherlands|Holland|Niederlande|Nederland|Pays-Bas
NO NOR Norway|Norwegen|Norge
NP NPL Nepal
NZ NZL New Zealand|Neuseeland
OM OMN Oman
PA PAN Panama
PE PER Peru|Perú
PH PHL Philippines|Philippinen|Pilipinas
PK PAK Pakistan
PL POL Poland|Polen|Polska
PR PRI Puerto Rico
PS PSE Palestine|Palästina|فلسطين
PT PRT Portugal
PY PRY Paraguay
QA QAT Qatar|Katar|قطر
RO ROU Romania|Rumänien|România
RS SRB Serbia|Serbien|Srbija
RU RUS Russia|Russian Federation|Russland|Россия
RW RWA Rwanda|Ruanda
SA SAU Saudi Arabia|KSA|Saudi-Arabien|السعودية
SD SDN Sudan
SE SWE Sweden|Schweden|Sverige
SG SGP Singapore|Singapur|新加坡
SI SVN Slovenia|Slowenien|Slovenija
SK SVK Slovakia|Slowakei|Slovensko
SN SEN Senegal|Sénégal
SV SLV El Salvador
SY SYR Syria|Syrien|سوريا
TG TGO Togo
TH THA Thailand|ประเทศไทย
TN TUN Tunisia|Tunesien|Tunisie|تونس
TR TUR Türkiye|Turkey|Türkei
TW TWN Taiwan|台灣|台湾|臺灣
TZ TZA Tanzania|Tansania
UA UKR Ukraine|Україна
UG UGA Uganda
US USA United States|United States of America|U.S.|U.S.A.|Vereinigte Staaten|Estados Unidos|America
UY URY Uruguay
UZ UZB Uzbekistan|Usbekistan
VE VEN Venezuela
VN VNM Vietnam|Viet Nam|Việt Nam
YE YEM Yemen|Jemen|اليمن
ZA ZAF South Africa|Südafrika
ZM ZMB Zambia|Sambia
ZW ZWE Zimbabwe|Simbabwe
"""

#: ISO 639-1, ISO 639-2 codes, then names, the English one first.
_LANGUAGES: Final = """
af afr Afrikaans
am amh Amharic|አማርኛ
ar ara Arabic|Arabisch|العربية
bg bul Bulgarian|Bulgarisch
bn ben Bengali|Bangla|বাংলা
cs ces,cze Czech|Tschechisch|Čeština
da dan Danish|Dänisch|Dansk
de deu,ger German|Deutsch|Allemand|Alemán
el ell,gre Greek|Griechisch|Ελληνικά
en eng English|Englisch|Anglais|Inglés
es spa Spanish|Spanisch|Español|Castellano|Espagnol
et est Estonian|Estnisch|Eesti
fa fas,per Persian|Persisch|Farsi|فارسی
fi fin Finnish|Finnisch|Suomi
fil fil Filipino|Tagalog
fr fra,fre French|Französisch|Français|Francés
gu guj Gujarati
he heb Hebrew|Hebräisch|עברית
hi hin Hindi|हिन्दी
hr hrv Croatian|Kroatisch|Hrvatski
hu hun Hungarian|Ungarisch|Magyar
id ind Indonesian|Indonesisch|Bahasa Indonesia
it ita Italian|Italienisch|Italiano
ja jpn Japanese|Japanisch|日本語
kk kaz Kazakh|Kasachisch
ko kor Korean|Koreanisch|한국어
lt lit Lithuanian|Litauisch
lv lav Latvian|Lettisch
mr mar Marathi
ms msa,may Malay|Malaiisch|Bahasa Melayu
nb nob Norwegian Bokmål
nl nld,dut Dutch|Niederländisch|Nederlands
no nor Norwegian|Norwegisch|Norsk
pa pan Punjabi
pl pol Polish|Polnisch|Polski
pt por Portuguese|Portugiesisch|Português
ro ron,rum Romanian|Rumänisch|Română
ru rus Russian|Russisch|Русский
sk slk,slo Slovak|Slowakisch
sl slv Slovenian|Slowenisch
sq sqi,alb Albanian|Albanisch|Shqip
sr srp Serbian|Serbisch|Srpski
sv swe Swedish|Schwedisch|Svenska
sw swa Swahili|Kiswahili
ta tam Tamil|தமிழ்
te tel Telugu
th tha Thai|ไทย
tr tur Turkish|Türkisch|Türkçe
uk ukr Ukrainian|Ukrainisch|Українська
ur urd Urdu|اردو
vi vie Vietnamese|Vietnamesisch|Tiếng Việt
zh zho,chi Chinese|Chinesisch|中文|普通话
zu zul Zulu
"""

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")


def read_country(raw: str) -> Reading:
    """Read a country as its ISO 3166 alpha-2 code; a name nobody knows stands, flagged."""
    text = clean_line(raw)
    code = _COUNTRY_CODES.get(fold(text))
    if code is None and re.fullmatch("[A-Z]{2}", text):
        code = text
    return Reading(code, raw) if code else Reading(text or None, raw, UNPARSED)


def country_name(code: str) -> str:
    """Answer the English name of a country; the text itself where the code is unknown."""
    return _COUNTRY_NAMES.get(code, code)


def read_language(raw: str) -> Reading:
    """Read a language as a BCP 47 tag ("de", "pt-BR", "zh-Hant-TW"); unknown names stand, flagged.

    Underscores and any case are understood, so are three-letter codes and names.
    """
    text = clean_line(raw)
    known = _LANGUAGE_CODES.get(fold(text))
    if known:
        return Reading(known, raw)
    tag = _TAG.fullmatch(text)
    if tag is None:
        return Reading(text or None, raw, UNPARSED)
    language, script, region = tag.groups()
    language = language.lower()
    code = _LANGUAGE_CODES.get(language, language if len(language) == 2 else "")
    if not code:
        return Reading(text, raw, UNPARSED)
    parts = (code, script.title() if script else "", region.upper() if region else "")
    return Reading("-".join(part for part in parts if part), raw)


def _table(text: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Answer folded name or code -> code, and code -> English name."""
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for line in text.strip().splitlines():
        code, others, listed = line.split(" ", 2)
        spellings = listed.split("|")
        names[code] = spellings[0]
        for spelling in (code, *others.split(","), *spellings):
            codes[fold(spelling)] = code
    return codes, names


_COUNTRY_CODES, _COUNTRY_NAMES = _table(_COUNTRIES)
_LANGUAGE_CODES, _ = _table(_LANGUAGES)
