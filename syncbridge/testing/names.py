"""Words that made-up people are made of."""

# ruff: noqa: RUF001 (Turkish has a letter i without a dot)

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Culture:
    """Names of one culture, frequent ones first."""

    given: tuple[str, ...]
    family: tuple[str, ...]


def _culture(given: str, family: str) -> Culture:
    return Culture(tuple(given.split()), tuple(family.split()))


CULTURES: Final = {
    "english": _culture(
        "james mary john patricia robert jennifer michael linda william elizabeth david barbara "
        "richard susan joseph jessica thomas sarah charles karen daniel lisa matthew nancy anthony "
        "betty mark margaret donald sandra steven ashley paul emily andrew kimberly joshua donna "
        "kenneth michelle kevin carol brian amanda george melissa timothy deborah ronald stephanie "
        "edward rebecca jason sharon jeffrey laura ryan cynthia jacob kathleen gary amy nicholas "
        "angela eric shirley jonathan anna stephen brenda larry pamela justin emma scott nicole",
        "smith johnson williams brown jones miller davis wilson anderson taylor thomas moore "
        "jackson martin lee thompson white harris clark lewis robinson walker young allen king "
        "wright scott hill green adams nelson baker hall campbell mitchell carter roberts evans "
        "turner parker collins edwards stewart morris murphy cook rogers morgan cooper reed bailey "
        "bell kelly howard ward cox richardson wood watson brooks bennett gray hughes price myers "
        "foster sanders ross powell sullivan russell perry butler barnes fisher henderson coleman",
    ),
    "german": _culture(
        "thomas michael andreas stefan peter sabine petra monika claudia susanne wolfgang klaus "
        "jürgen birgit anna maria julia laura lukas leon paul felix jonas maximilian sophie "
        "hannah lena katharina johannes matthias markus martin ursula helga renate karin heike "
        "stefanie nicole christian sebastian florian tobias daniel jan uwe frank günther jörg",
        "müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schäfer koch "
        "bauer richter klein wolf schröder neumann schwarz zimmermann braun krüger hofmann "
        "hartmann lange werner krause lehmann köhler maier herrmann könig walter mayer huber "
        "kaiser fuchs peters lang scholz möller weiß jung hahn schubert vogel friedrich keller",
    ),
    "french": _culture(
        "marie jean pierre michel philippe nathalie isabelle sylvie catherine martine christophe "
        "nicolas julien sébastien françois céline aurélie émilie camille léa chloé manon lucas "
        "hugo louis jules gabriel raphaël arthur antoine mathieu benoît olivier laurent stéphane",
        "martin bernard dubois thomas robert richard petit durand leroy moreau simon laurent "
        "lefebvre michel garcia david bertrand roux vincent fournier morel girard andré lefèvre "
        "mercier dupont lambert bonnet françois martinez legrand garnier faure rousseau blanc",
    ),
    "spanish": _culture(
        "maría carmen ana isabel laura cristina marta lucía elena pilar antonio josé manuel "
        "francisco juan david javier daniel carlos jesús alejandro miguel rafael pedro pablo "
        "ángel sergio fernando jorge luis alberto álvaro diego adrián rosa teresa sofía paula",
        "garcía rodríguez gonzález fernández lópez martínez sánchez pérez gómez martín jiménez "
        "ruiz hernández díaz moreno muñoz álvarez romero alonso gutiérrez navarro torres "
        "domínguez vázquez ramos gil ramírez serrano blanco molina morales suárez ortega delgado",
    ),
    "polish": _culture(
        "piotr krzysztof andrzej tomasz paweł jan michał marcin jakub adam anna maria katarzyna "
        "małgorzata agnieszka barbara ewa krystyna elżbieta magdalena joanna zofia",
        "nowak kowalski wiśniewski wójcik kowalczyk kamiński lewandowski zieliński szymański "
        "woźniak dąbrowski kozłowski mazur jankowski kwiatkowski wojciechowski krawczyk przybylski",
    ),
    "turkish": _culture(
        "mehmet mustafa ahmet ali hüseyin hasan ibrahim murat emre can fatma ayşe emine hatice "
        "zeynep elif meryem merve büşra esra",
        "yılmaz kaya demir şahin çelik yıldız yıldırım öztürk aydın özdemir arslan doğan kılıç "
        "aslan çetin kara koç kurt özkan şimşek",
    ),
    "indian": _culture(
        "rahul amit rajesh sanjay vijay anil priya anjali neha pooja sunita kavita arjun rohan "
        "aditya deepak suresh ramesh lakshmi divya",
        "sharma verma gupta singh kumar patel reddy nair iyer mehta shah joshi desai rao das "
        "banerjee mukherjee chatterjee kapoor malhotra",
    ),
    "russian": _culture(
        "Александр Сергей Дмитрий Андрей Алексей Михаил Иван Елена Ольга Наталья Татьяна Ирина "
        "Анна Мария Екатерина Светлана",
        "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов "
        "Волков Алексеев Лебедев Семёнов Егоров",
    ),
    "chinese": _culture(
        "wei fang na min jing li qiang lei jun yang yong jie juan tao ming chao xiuying xia ping "
        "gang",
        "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo",
    ),
    "arabic": _culture(
        "mohammed ahmed ali omar hassan youssef khalid ibrahim fatima aisha maryam layla noor "
        "zainab hana sara",
        "hassan ali ibrahim saleh mansour haddad khoury nasser farah aziz rahman hamdan sabbagh "
        "najjar qasim darwish",
    ),
}  # fmt: skip

SYLLABLES: Final = tuple(
    "ba ber bo bra bri cal car cas chi cor da del dor du el en fa fer fi ga gar gol gra ha hel hol "
    "ja jor ka kel kin kor la lan len lo lu ma mar mel mi mon na nel ni no or pa pel per ra ren ri "
    "ro ros sa sal sel sen so sta ta tan tel ter ti to tor va vel ver vi vo wal wen win "
    "za zel".split()
)

NICKNAMES: Final = {
    "robert": "bob", "william": "bill", "elizabeth": "liz", "michael": "mike", "thomas": "tom",
    "jennifer": "jen", "joseph": "joe", "james": "jim", "david": "dave", "daniel": "dan",
    "matthew": "matt", "anthony": "tony", "steven": "steve", "andrew": "andy", "edward": "ed",
    "margaret": "peggy", "patricia": "pat", "katharina": "kathi", "johannes": "hans",
    "sebastian": "basti", "susanne": "susi", "francisco": "paco", "josé": "pepe",
    "małgorzata": "gosia", "katarzyna": "kasia", "charles": "charlie", "richard": "rick",
}  # fmt: skip

STREETS: Final = tuple(
    "main street;high street;station road;park lane;church road;mill lane;oak avenue;elm street;"
    "maple drive;washington boulevard;cedar court;lake view drive;hill road;victoria road;"
    "bahnhofstraße;hauptstraße;schulstraße;gartenweg;lindenallee;bergstraße;dorfstraße;ringweg;"
    "rue de la paix;rue victor hugo;rue du moulin;avenue foch;boulevard voltaire;place du marché;"
    "calle mayor;calle real;avenida de la constitución;plaza nueva;paseo del prado;via roma;"
    "2nd avenue;3rd street;5th avenue;queens road;kings road;green lane;north street;mozartstraße;"
    "goethestraße;am markt;rue pasteur;calle del sol;marienplatz;birkenweg;tannenweg".split(";")
)

CITIES: Final = tuple(
    "new york;los angeles;chicago;houston;phoenix;boston;seattle;denver;austin;portland;miami;"
    "atlanta;berlin;hamburg;münchen;köln;frankfurt;stuttgart;leipzig;dresden;bremen;hannover;"
    "paris;lyon;marseille;toulouse;nantes;lille;bordeaux;rennes;nice;madrid;barcelona;valencia;"
    "sevilla;zaragoza;málaga;bilbao;london;manchester;leeds;bristol;glasgow;liverpool;sheffield;"
    "cardiff;belfast;york;bath;oxford;cambridge;springfield;arlington;richmond;newport;kassel;"
    "mainz;ulm;metz;dijon;reims;tours;gijón;vigo;murcia;toledo;salem;aurora;reno;boise".split(";")
)

FIRM_WORDS: Final = (
    tuple(
        "alpha prime delta summit iron cobalt quantum bright harbor eclipse north orchard river "
        "global crest silver diamond atlas beacon vertex".split()
    ),
    tuple(
        "logistics foods systems partners consulting holdings pharma media energy software bank "
        "labs motors retail optics studios foundry analytics capital health".split()
    ),
)
