"""Small lists, written for this project, of words around names: titles, heads, prepositions."""

TITLES = frozenset(
    "mr mrs ms miss mx dr doctor prof professor sir dame lord lady sister brother father mother "
    "rev reverend canon councillor cllr judge justice sergeant sgt dc ds di dci dcs pc wpc "
    "inspector constable superintendent captain major colonel corporal lieutenant nurse matron "
    "auntie aunty aunt uncle nan nanna granny grandma grandad nana gran imam rabbi pastor bishop "
    "deacon vicar".split()
)
# After these in lower case a name follows nearly always.
FIRM_TITLES = frozenset(
    "mr mrs ms mx dr prof professor rev reverend cllr councillor judge dc ds di dci dcs pc wpc "
    "sgt auntie aunty uncle".split()
)
CALLED = frozenset("called named nicknamed surname".split())
KIN = frozenset(
    "husband wife partner son daughter brother sister mum mother dad father nan cousin niece "
    "nephew boyfriend girlfriend friend mate colleague boss manager nurse doctor counsellor "
    "worker visitor midwife psychologist therapist adviser advisor gp sponsor ex".split()
)
SAYS = frozenset(
    "said says asked told came goes went rang phoned wrote cried laughed was is had has does did "
    "works worked left lives lived knows knew reckons thinks thought calls called started gets "
    "got keeps kept used put moved sat took turned died never always just still who and she he "
    "hated loved wants wanted fought texted emailed runs ran set sorted made helped gave looked".split()
)

ORG_HEADS = frozenset(
    "trust hospice hospital infirmary school college academy university surgery practice centre "
    "center council church chapel mosque temple synagogue network foundation society association "
    "group project clinic charity partnership constabulary police court prison regiment "
    "battalion squadron healthcare nhs federation union institute housing refuge shelter "
    "chronicle echo argus gazette herald advertiser mercury observer news radio post courier "
    "times mail express journal telegraph club fc rugby brigade ambulance service services "
    "community team unit ward theatre museum library nursery primary secondary grammar "
    "comprehensive high infants juniors sixth ltd limited plc llp daughter daughters sons "
    "brothers co company market rovers united wanderers athletic medical care homes home house "
    "lodge care-home farm farms bakery garage hotel inn arms kitchen cafe salon pharmacy dental "
    "opticians solicitors coop fund lottery ministries fellowship mission guild league choir "
    "orchestra band scouts guides helpline line hub alliance consortium collective cooperative "
    "agency institute commission authority board shop carers women women's families aid mind".split()
)
STREET_HEADS = frozenset(
    "street road avenue lane close drive terrace crescent gardens square mews parade way row "
    "broadway hill bridge quay wharf green common heath moor fields park gate vale valley docks "
    "dock harbour marina beach cliff woods wood estate roundabout junction station island isle "
    "vicarage rectory cottage cottages towers tower buildings flats court mount".split()
)
PLACE_BEFORE = frozenset(
    "in at from near to outside around round via over towards through off by down up across "
    "between past behind".split()
)
PLACE_FIRM = frozenset("in from near outside around round via between".split())
COUNTED = frozenset(
    "one two three four five six seven eight nine ten act clause section level band year room "
    "step part phase grade tier stage number question chapter page bill holiday day week month "
    "form list plan star pathway prescription prescriptions day days time".split()
)

COMPASS = frozenset("north south east west northern southern eastern western central mid upper lower".split())
# Town names that are words, and still towns after a preposition even in lower case.
TOWNS_LIKE_WORDS = frozenset(
    "bath reading wells hove barking cork harrow bury hackney wellington rugby ripley ware "
    "stone street sale deal settle diss eye chard poole looe".split()
)

MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
CALENDAR = MONTHS | frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays "
    "thursdays fridays saturdays sundays christmas easter ramadan eid diwali hanukkah lent advent "
    "whitsun halloween spring summer autumn winter xmas".split()
)

COUNTRIES = frozenset(
    "england scotland wales britain uk ireland europe france germany spain italy portugal poland "
    "romania bulgaria greece turkey cyprus malta russia ukraine america usa canada australia "
    "zealand india pakistan bangladesh china japan africa asia nigeria ghana kenya uganda "
    "zimbabwe jamaica trinidad barbados iran iraq syria afghanistan somalia sudan eritrea ethiopia "
    "egypt morocco israel palestine lebanon philippines fiji nepal thailand vietnam korea brazil "
    "mexico argentina netherlands holland belgium switzerland austria sweden norway denmark "
    "finland iceland hungary lithuania latvia estonia albania kosovo serbia croatia bosnia "
    "london cornwall devon somerset dorset wiltshire gloucestershire hampshire sussex surrey kent "
    "essex suffolk norfolk lincolnshire yorkshire lancashire cumbria northumberland durham "
    "cheshire shropshire herefordshire worcestershire warwickshire leicestershire derbyshire "
    "nottinghamshire staffordshire oxfordshire berkshire buckinghamshire hertfordshire "
    "bedfordshire cambridgeshire northamptonshire rutland midlands anglia wessex ulster".split()
)
BROAD_PEOPLES = frozenset(
    "english scottish welsh irish british european american australian french german spanish "
    "italian asian african black white indian chinese caribbean arab arabic muslim christian "
    "jewish hindu sikh catholic protestant anglican methodist methodists baptist quaker quakers "
    "buddhist polish romanian pakistani bangladeshi latin greek roman romans gypsy european "
    "muslims christians catholics sikhs hindus victorian georgian tory tories labour liberal".split()
)
PEOPLES = frozenset(
    "albanian afghan algerian angolan argentinian armenian bolivian bosnian brazilian bulgarian "
    "burmese cambodian cameroonian chilean colombian congolese croatian cuban cypriot czech danish "
    "dutch ecuadorian egyptian eritrean estonian ethiopian fijian filipina filipino finnish "
    "gambian georgian ghanaian guyanese haitian hungarian icelandic indonesian iranian iraqi "
    "israeli ivorian jamaican japanese jordanian kazakh kenyan korean kosovan kurdish latvian "
    "lebanese liberian libyan lithuanian malawian malaysian maltese mauritian mexican moldovan "
    "mongolian moroccan mozambican namibian nepalese nepali nigerian norwegian palestinian "
    "peruvian portuguese romany russian rwandan samoan saudi senegalese serbian singaporean "
    "slovak slovenian somali sudanese swedish swiss syrian taiwanese tanzanian thai tibetan tongan "
    "trinidadian tunisian turkish ugandan ukrainian uzbek venezuelan vietnamese yemeni zambian "
    "zimbabwean chagossian gurkha sri-lankan bajan grenadian".split()
)
