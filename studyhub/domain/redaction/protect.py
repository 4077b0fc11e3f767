"""Words that stay readable: health, law, services and things that everybody knows by name.

They are never suggested; a person may still mask one by hand. Written for this project.
"""

from functools import cache

_TERMS = """
ptsd emdr cbt dbt adhd ocd copd hiv aids ms me tb mri ct ecg eeg iv icu itu nicu picu a&e ed hdu
sen senco ehcp hrt ivf sti stis uti bmi gad phq hba1c cpn cmht camhs iapt crisis section gp gps
ot physio nhs ccg icb ics pct lmc pcn cqc nice mhra ons dwp pip esa jsa uc hmrc dbs cafcass
marac mash idva isva idvas isvas sarc sarcs tac tau cin lac cla eha dash rasso iopc cps pcc moj
lgbt lgbtq bame bme tv dvd cd dj pe ok uk usa us eu un it hr pr ceo cfo vip diy faq pdf usb sim
gcse gcses a-level btec nvq phd ba bsc msc ma mba pgce ucas ofsted pta pru prus rsm raf mod vat
wi ymca aa na rspca rspb bbc itv nasa fifa covid covid-19 sars mrsa dna rna pcr lft ppe dnr dnacpr
datix emis systmone rio swemwbs ras asd fgm so ng peg pegs picc tpn dvt pe tia cva mi af bp hr
als mnd cf ibs ibd gord ra sle pots eds bpd npd did osfed arfid eupd pmdd pnd pcos
statutory section act acts care mental health children human rights data protection equality
freedom information duty duties alzheimer alzheimer's alzheimers parkinson parkinson's parkinsons
crohn's crohns hodgkin's hodgkins huntington's huntingtons asperger's aspergers tourette's
tourettes down's downs cushing's addison's raynaud's raynauds sjogren's bell's graves hashimoto's
korsakoff's marfan turner's klinefelter's lewy wernicke's paget's meniere's dupuytren's bechet's
dementia scleroderma sclerosis lupus psychosis puerperal postnatal antenatal perinatal depression
anxiety bipolar schizophrenia autism epilepsy diabetes stroke cancer leukaemia lymphoma myeloma
melanoma sarcoma asthma eczema psoriasis arthritis fibromyalgia osteoporosis migraine menopause
endometriosis miscarriage stillbirth caesarean anorexia bulimia sertraline citalopram fluoxetine
mirtazapine venlafaxine escitalopram paroxetine duloxetine amitriptyline nortriptyline trazodone
diazepam lorazepam temazepam zopiclone olanzapine quetiapine risperidone aripiprazole clozapine
haloperidol lithium valproate lamotrigine carbamazepine levetiracetam gabapentin pregabalin
methadone buprenorphine naloxone codeine morphine oramorph tramadol fentanyl oxycodone
paracetamol ibuprofen aspirin naproxen omeprazole lansoprazole metformin insulin gliclazide
ozempic mounjaro wegovy atorvastatin simvastatin ramipril lisinopril amlodipine bisoprolol
atenolol propranolol furosemide warfarin apixaban clopidogrel salbutamol ventolin prednisolone
steroids methotrexate mycophenolate azathioprine hydroxychloroquine rituximab tamoxifen
letrozole herceptin nifedipine bosentan sildenafil iloprost donepezil memantine rivastigmine
levodopa madopar sinemet baclofen levothyroxine thyroxine amoxicillin flucloxacillin
trimethoprim nitrofurantoin penicillin prozac valium xanax ritalin concerta melatonin botox
calpol nurofen lemsip gaviscon chemo chemos chemotherapy radiotherapy dialysis colostomy
ileostomy stoma hysterectomy mastectomy bypass stents stent grommets gallbladder gall abscess
appendicitis sepsis pneumonia meningitis endoscopy colonoscopy biopsy smear mammogram
scan scans ultrasound catheter cannula nebuliser oximeter defibrillator pacemaker strangulation
strangles strangled disclosure disclosures disclosed disclose self-harm self-harming overdose
ligature suicide suicidal heroin cocaine cannabis ketamine spice alcohol alcoholics samaritans
calcinosis phlebotomy rheumatology oncology neurology cardiology dermatology gynaecology
obstetrics paediatrics psychiatry orthopaedics haematology urology audiology radiology
physiotherapy occupational therapist psychologist psychiatrist consultant registrar locum
e-learning audit band safeguarding commissioner commissioners commissioning
"""
_NAMED_BY_ALL = """
google facebook instagram twitter tiktok snapchat whatsapp youtube zoom teams skype facetime
messenger netflix spotify amazon ebay paypal uber microsoft excel powerpoint word outlook apple
iphone ipad android alexa siri wikipedia linkedin tinder bumble pinterest windows bluetooth xbox
playstation nintendo lego barbie disney kitkat mars twix cadbury ginsters greggs costa starbucks
mcdonald's mcdonalds kfc nando's nandos weetabix marmite nutella ribena coke pepsi tango lucozade
hobnob hobnobs jaffa digestives pringles quavers wotsits vimto horlicks bovril yorkshire pimms
guinness prosecco pritt sellotape hoover biro post-it velcro tupperware thermos aga dyson
tippex blu-tack rizla vaseline sudocrem savlon dettol fairy persil ariel febreze pampers
skoda ford fiesta focus vauxhall astra corsa volvo bmw audi mercedes renault clio peugeot
citroen berlingo toyota yaris nissan micra fiat honda mini rover land range transit volkswagen
polo golf tesla landrover defender suzuki hyundai kia mondeo
windrush brexit grenfell hillsborough home office parliament government westminster whitehall
treasury cabinet ministry department minister crown prosecution
bible quran koran god jesus christ lord heaven allah buddha father holy spirit
sherlock holmes cinderella frankenstein dracula batman superman
hitler churchill shakespeare dickens diana queen king prince princess thatcher boris corbyn trump
eastenders corrie coronation emmerdale casualty bake off strictly panorama
olympics wimbledon glastonbury eurovision marathon
internet web wifi wi-fi english maths english-speaking
likert gantt datix
french press swiss army danish pastry
earth moon sun mars venus
miss sir madam mate love
latin greek braille makaton bsl
"""


@cache
def protected_words() -> frozenset[str]:
    """Folded single words that are never suggested on their own."""
    return frozenset(_TERMS.split()) | frozenset(_NAMED_BY_ALL.split())


@cache
def health_words() -> frozenset[str]:
    """Folded words of health and law, in no suggestion but a person's own name."""
    return frozenset(_TERMS.split())
