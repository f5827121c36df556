"""Words that mean the same or nothing: titles, legal forms, parts of addresses, mail hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TITLES: Final = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam dame lord lady rev reverend fr sr herr frau hr "
    "fr dipl ing mag mme mlle monsieur madame mademoiselle m don dona senor senora sra srta sig "
    "signora signor dott dottssa dottore ir drs mevr dhr pan pani shri smt med".split()
) - {"m", "fr", "sr", "don", "pan"}
SUFFIXES: Final = frozenset("jr sr ii iii iv phd md mba esq jun sen bsc msc cpa dds rn".split())

LEGAL_FORMS: Final = frozenset(
    "gmbh mbh ag kg kgaa ug ohg gbr ev eg se ltd limited llc llp lp inc incorporated corp "
    "corporation co company plc pty pvt private sa sarl sas sasu eurl sl slu sc srl spa sapa snc "
    "bv nv vof cv ab as asa aps oy oyj kk sdn bhd doo dd zoo sp sro zrt kft eirl ltda me eireli "
    "ooo oao pao zao haftungsbeschrankt the and und et y".split()
)

#: What follows a street's name, in all its spellings -> the one that is compared.
_STREET_WORDS: Final = """
st street str strt saint ste
rd road
ave avenue av aven avda avenida
dr drive drv
ln lane
ct court crt
pl place plc
blvd boulevard boul bd
cres crescent cr cresc
tce terrace ter terr
hwy highway
pde parade
sq square
pkwy parkway pky
cct circuit circ
cl close
gr grove gve
way wy
trl trail
cir circle
str strasse
pl platz
w weg
all allee
apt apartment
unit unt
fl floor
n north
s south
e east
w west
po postfach
r rue
c calle
v via
p piazza plaza
"""

#: Mail hosts where anybody may have an address: sharing one says nothing.
FREE_MAIL: Final = frozenset(
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.es ymail.com "
    "rocketmail.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.es outlook.com "
    "outlook.de outlook.fr outlook.es live.com live.co.uk live.fr live.de msn.com icloud.com "
    "me.com mac.com aol.com aol.de gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de "
    "freenet.de arcor.de orange.fr wanadoo.fr free.fr sfr.fr laposte.net libero.it virgilio.it "
    "tiscali.it alice.it hotmail.it proton.me protonmail.com mail.com mail.ru yandex.ru "
    "yandex.com bk.ru list.ru inbox.ru rambler.ru qq.com 163.com 126.com sina.com naver.com "
    "daum.net hanmail.net uol.com.br bol.com.br terra.com.br ig.com.br btinternet.com sky.com "
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net "
    "bigpond.com optusnet.com.au rediffmail.com zoho.com fastmail.com hey.com wp.pl o2.pl onet.pl "
    "seznam.cz bluewin.ch telenet.be ziggo.nl kpnmail.nl planet.nl hotmail.nl".split()
)

#: Local parts that many people read.
ROLE_ADDRESSES: Final = frozenset(
    "info contact office mail email hello hi sales support service help admin administration "
    "post kontakt buero webmaster noreply no-reply team accounts billing invoice rechnung hr jobs "
    "marketing press enquiries inquiry reception postmaster verkauf vertrieb einkauf contacto "
    "ventas accueil secretariat secretary orders shop customerservice kundenservice".split()
)

#: What stands in a field when there is nothing to say.
PLACEHOLDERS: Final = frozenset(
    "null none nan na n/a n.a. nil unknown unbekannt inconnu desconocido - -- --- . .. ? ?? x xx "
    "xxx test tbd tba not-available (none) (blank) #n/a undefined 0 00 000 0000 00000 "
    "000000".split()
)


#: Countries whose numbers are often written with the calling code and without a plus.
_CALLING_CODES: Final = """
1 US CA PR DO JM
7 RU KZ
20 EG
27 ZA
30 GR
31 NL
32 BE
33 FR
34 ES
36 HU
39 IT
40 RO
41 CH
43 AT
44 GB
45 DK
46 SE
47 NO
48 PL
49 DE
51 PE
52 MX
54 AR
55 BR
56 CL
57 CO
58 VE
60 MY
61 AU
62 ID
63 PH
64 NZ
65 SG
66 TH
81 JP
82 KR
84 VN
86 CN
90 TR
91 IN
92 PK
94 LK
98 IR
212 MA
213 DZ
216 TN
225 CI
234 NG
254 KE
351 PT
353 IE
380 UA
420 CZ
880 BD
852 HK
966 SA
971 AE
972 IL
"""


def _one_spelling() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in _STREET_WORDS.strip().splitlines():
        chosen, *others = line.split()
        for word in (chosen, *others):
            found.setdefault(word, chosen)
    return found


STREET_WORDS: Final = _one_spelling()
#: ISO 3166 alpha-2 -> calling code.
CALLING_CODES: Final[Mapping[str, str]] = {
    region: code
    for code, *regions in map(str.split, _CALLING_CODES.strip().splitlines())
    for region in regions
}
