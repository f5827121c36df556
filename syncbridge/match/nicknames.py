"""What people call each other instead of the name in the passport."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

#: One line is one name and what people make of it.
_NICKNAMES: Final = """
aaron ron ronnie
abigail abby gail
abraham abe abram ibrahim
adelaide addie heidi
agnes aggie
albert al bert bertie albrecht alberto
alexander alex alec al sandy sasha alejandro alessandro alexandre xander aleksandr
alexandra alex sandra sandy sasha alexa alejandra alessandra aleksandra
alfred al fred alf alfredo
alison ali allie
amanda mandy
amelia amy millie
andrew andy drew andreas andre andrea andres andrei andrey andrzej
angela angie
anna ann anne annie anja anya ana hanna hannah anita annette nancy
anthony tony antonio antoine anton
antonia toni
arthur art arturo artur
barbara barb babs barbie bobbie basia
beatrice bea trixie beatriz
benjamin ben benny benji
bernard bernie bernd bernhard
bertha bert
bradley brad
bridget biddy
caroline carol carrie karoline carolyn carolina
catherine cathy kathy kate katie kathryn katherine cath kitty catalina caterina katharina kat \
kay karin katarina ekaterina
charles charlie chuck chas carl karl carlos carlo chip
charlotte lotte lottie charlie
christian chris kristian
christina chris tina christine christa chrissy kristina cristina
christopher chris kit topher christoph christophe cristobal kristopher
clara claire clare
claudia claude
clifford cliff
cornelia conny nele
cornelius con neil
curtis curt kurt
cynthia cindy
daniel dan danny daniele
david dave davy davey dawid
deborah deb debbie debra
dennis denny denis
derek del
dmitry dima dmitri dimitri
dominic dom nick dominik domenico
donald don donnie
dorothy dot dottie dorothea dolly doris
douglas doug
edmund ed eddie
edward ed eddie ted teddy ned eduardo edouard eduard
edwin ed eddie
eleanor ellie nell nora eleonore leonor elena ella
elizabeth liz lizzie beth betty betsy eliza lisa elisabeth libby elsa ilse lilly bess elise \
isabel isabella bella liza
emily emma em milly
emmanuel manny manuel
eric erik erich rick
ernest ernie ernst ernesto
esther hester essie
eugene gene eugen
evelyn eva eve evie
ferdinand ferdi fernando
florence flo flossie
frances fran francie fanny frankie franziska francoise francesca
francis frank franz francisco paco francesco francois frankie
frederick fred freddy freddie friedrich fritz federico frederic rick
gabriel gabe gabi
gabriele gabriella gabi gaby
geoffrey geoff jeff jeffrey
george georgie georg jorge giorgio georges
gerald gerry jerry gerard gerhard gerd
geraldine gerry
gertrude trudy gertie
giovanni gianni
giuseppe beppe pino
gregory greg gregor gregorio grigory
guillermo memo
gustav gus gustavo
harold harry hal
harriet hattie
heinrich heinz heiner
helen nell helena helene ellen elena lena hella
henry harry hank hal henri enrique enrico heinrich
herbert herb bert
hubert hugh bert
ignacio nacho
isaac ike
jacob jake jakob jacques jack
jacqueline jackie
james jim jimmy jamie jacobo jaime diego
jane janie jeanne jenny jean
janet jan
jennifer jen jenny jenni
jeremy jerry jem jeremiah
jessica jess jessie
joan joanie joanna joanne jo juana johanna
johann hans johannes jan jens
john jack johnny jon johan juan jean ivan giovanni jan johnnie ian
jonathan jon jonny nathan
joseph joe joey josef jose pepe josephe giuseppe jupp sepp
josephine jo josie
joshua josh
judith judy jutta
julia julie jule giulia
julian jules julien
katarzyna kasia
kenneth ken kenny
kimberly kim
konstantin kostya kosta
konrad conrad
larissa lara
laura lori laurie lora
lawrence larry laurence lorenz lorenzo laurent lars
leonard len leo lenny leonardo
leonid lyonya
leopold leo poldi
lewis lew louis lou luis luigi ludwig
lillian lily lil
linda lindy
louise lou luisa luise
lucas luke luca lukas
lucy lucia luzie
ludmila lyuda mila
magdalena lena magda madeleine
malgorzata gosia
margaret maggie meg peggy marge margie greta rita madge margarete margot margarita marguerite \
daisy gretchen gretel
maria mary marie mariah mia maja moira maryam
mark marc marcus markus marco marcos
martha marty marta
martin marty martino
martina tina
mary polly molly mae mamie may
mathilda tilly matilda
matthew matt mateo matthias mathieu matthieu mats
maurice moritz mauricio
maximilian max maximiliano maxim
maxwell max
melissa mel missy
michael mike mick micky mickey mikey michel miguel michele mikhail misha mihail michal mikael
michelle shelly chelle
mildred millie
mohammed mohamed muhammad mo mohammad ahmed mehmet mohamad
monica moni monika
nadezhda nadia nadya
natalie nat natalia natasha nathalie
nathaniel nathan nat nate
nicholas nick nicky klaus nicolas nikolaus niklas nico nikolai kolya niko claus
nicole nicky nikki nicola
norman norm
olga olya
oliver ollie olivier
olivia liv livvy
pamela pam
patricia pat patty tricia trish patti patrizia
patrick pat paddy rick patricio
paul pablo paolo pavel pawel
paula paulina pauline paola
penelope penny
peter pete pedro pietro pierre pyotr piotr petr
philip phil pip felipe philippe philipp philippa
phyllis phil
priscilla cilla
rachel rae raquel
ralph ralf rolf raoul
raymond ray raimund ramon
rebecca becky becca
reginald reg reggie
regina gina
richard rich rick dick ricky richie ricardo riccardo
robert bob bobby rob robbie bert roberto robby
roberta bobbie
roderick rod
rodney rod
roger rodger ruediger rudiger
roland rollo orlando
ronald ron ronnie
rosemary rose rosie
rudolf rudi rudolph rodolfo
russell russ
salvatore turi sal
samantha sam sammy
samuel sam sammy samuele
sarah sally sadie sara
sebastian seb bastian basti
sergey serge sergio sergej sergei
sharon shari
shirley shirl
sidney sid sydney
sigismund sigi
siegfried sigi siggi
simon sim simone
sofia sophie sofie sonja sonya
stanley stan
stephanie steph stefanie steffi stephie
stephen steve stevie stefan stephan steven esteban stefano etienne
susan sue susie suzy suzanne susanne susanna
svetlana sveta lana
sylvia silvia sylvie
tamara tammy
tatiana tanya tanja
teresa terry tess theresa therese resi tessa terri
terence terry
theodore ted teddy theo theodor
thomas tom tommy tomas thom tommaso
timothy tim timmy timo timoteo
tobias toby tobi
tyler ty
ulrich uli ulli
ulrike uli ulli rike
ursula uschi ulla
valentina valya
valerie val
veronica ronnie vera veronika
victor vic viktor vittorio
victoria vicky vickie tori viktoria
vincent vince vinnie vinzenz vicente vincenzo
virginia ginny ginger
vladimir vova volodya wladimir
walter walt wally walther
warren ren
wendy wenda
wilhelm willi willy wim
wilhelmina mina minnie
william will bill billy willie liam willy wilhelm guillermo guillaume
wolfgang wolf
yevgeny zhenya evgeny
zachary zach zack
"""


def _groups() -> Mapping[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(_NICKNAMES.strip().splitlines(), start=1):
        for name in line.split():
            found[name].append(number)
    return {name: tuple(numbers) for name, numbers in found.items()}


#: Name -> the lines of names it may be short for.
NICKNAME_GROUPS: Final = _groups()
