"""What certificates say in sentences, or by lines of their own: whom they name, what they confer, who issues them, when.

Their prose has a small grammar in every language: an issuer confers something on a person. The words that introduce
the person and what is conferred are listed here; on centred certificates they end the line before.
"""

# ruff: noqa: E501 - lists of words

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.dates import days_in, is_birth, order_of
from app.domain.kind_words import Paper
from app.domain.strips import Strip, running
from app.domain.wording import fold, has_han

_KINDS: Mapping[str, str] = {  # kind -> the field of what is conferred
    "diploma": "degree",
    "award_certificate": "award",
    "professional_certificate": "qualification",
    "language_test": "",
    "household_register": "",
}
_UPPER = "A-ZÀ-ÖØ-Þ"
_PARTICLE = r"(?:de la|de las|de los|van der|van den|von der|de|del|da|das|do|dos|di|du|della|van|von|der|den|ter|zu|af|al|el|bin|binti|y|e|i|Ó)"
_LETTERS = r"(?:[^\W\d_]|['’.-])*"
NAME = rf"(?<![\w.-])[{_UPPER}]{_LETTERS}(?: (?:{_PARTICLE} ){{0,2}}[{_UPPER}]{_LETTERS}){{1,4}}"
_HAN_NAME = r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,6})?"
TITLE = (
    r"(?:(?:al |alla )?[^\W\d_]{1,9}\.?\s?/\s?(?:alla |la |a )?[^\W\d_]{1,9}\.?(?:ssa|ra|ª|a)?|Frau\s?/\s?Herrn?|Herrn?\s?/\s?Frau|Mr\.?\s?/\s?Ms\.?|Madame\s?[,/]\s?Monsieur|Don\s?/\s?Doña|D\.\s?/\s?(?:Dª|Dña)\.?|o\(a\)|il/la|Sig\.\s?/\s?Sig\.ra"
    r"|Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Herrn?|Frau|Monsieur|Madame|Mademoiselle|M|Mme|Mlle|Don|Doña|D|Dª|Dña|Sr|Sra|Srta|Signora?|Sig(?:\.ra|\.na)?"
    r"|Dott(?:\.ssa)?|de heer|mevrouw|dhr|mevr?|mw|Senhora?|o Sr|a Sra|the said)\.?"
)
_CONFERRED_ON = (
    r"(?:certif(?:y|ies|ied) that|known that|confirm(?:s)? that|attests? that|declares? that|confer(?:s|red)?(?: up)?on|award(?:s|ed)?(?: \w+)? to|(?:is |are )?presented to|present(?:s|ing)? this \w+ to"
    r"|granted to|bestow(?:s|ed)? up?on|issued to|given to|has admitted|have admitted|admits|licen[cs]es|congratulates?|recogni[sz]es|honou?rs|awarded (?:this|the) \w+ to"
    r"|verleiht|verliehen an|überreicht an|ausgezeichnet wird|verleihen wir|ernennt|bescheinigt,? dass|bescheinigen,? dass|bestätigt,? dass|bestätigen,? dass|bescheinigt|beurkundet,? dass"
    r"|décern(?:e|ée?) à|délivrée? à|conférée? à|attribuée? à|attribue à|remise? à|confère à|certifi(?:e|ons) que|attest(?:e|ons) que|soussignée? certifie que|est décernée? à|nomme"
    r"|otorga(?:do)?(?: (?:el|la|este|esta|el presente|la presente)(?: \w+){1,3})? a|certifi(?:ca|co|can) que|ha(?:ce|cen|go) constar que|concede(?: (?:el|la)(?: \w+){1,3})? a|concedid[oa] a|a favor de|expedid[oa] a|expide a|entrega a|acredita que"
    r"|conferi(?:sce|to|ta) a|attribuit[oa] a|assegnat[oa] a|rilasciat[oa] a|(?:si )?(?:certifica|attesta|dichiara) che|conferisce (?:a|al|alla)|ha conferito a"
    r"|verklaart dat|verklaren dat|uitgereikt aan|toegekend aan|verleen[dt] aan|verleent|verstrekt aan"
    r"|verleihen|(?:otorgamos|concedemos|expedimos|conferimos|outorgamos|atribuímos)(?: (?:el|la|o|este|esta)(?: \w+){1,4})? a|conferiamo a|rilasciamo a|attribuiamo a|décernons à|conférons à|délivrons à|verlenen|verifies that|states that|tilldelar härmed"
    r"|considerando que|considérant que|considerato che|overwegende dat|(?:earned|achieved|obtained|held) by|erworben von|obtenue? par|obtenid[oa] por|conseguit[oa] da|behaald door|uppnått av|obtid[oa] por"
    r"|conceder a|otorgar a|has conferred on|faz saber que|hace saber que|fait savoir que|sia noto che|maakt bekend dat|gör veterligt att|tut kund,? dass|conferisce|verleent|(?:otorga|expide|concede|entrega)(?: (?:el|la|este|esta)(?: \w+){1,4})? a|tilldelas?|tilldelat|tilldelar|intyg(?:as|ar),? att|utdela[st] till|överlämnas till|ges till"
    r"|confer(?:e|ido|ida) a|atribuíd[oa] a|concedid[oa] a|outorg(?:a|ado|ada) a|certifica(?:-se)? que|declara(?:-se)? que|entregue a|atribui a)"
)
_STATED_OF = (
    r"(?:has|have|having|was|were|is (?:a|an|the|hereby|duly|registered|entered|licensed|enrolled|admitted|entitled|currently|authori[sz]ed|in good)|born|date of birth|of [A-Z]"
    r"|geboren|geb\.|hat\b|ist (?:berechtigt|befugt|als|zur|im|in|Mitglied)|wurde|wird|erhält"
    r"|née?\b|né\(e\)|a (?:été|obtenu|suivi|réussi|satisfait|accompli)|est (?:inscrit|autoris|titulaire|habilit|lauréat)|titulaire|s['’]est vu"
    r"|nacid[oa](?:\(a\))?|nat[oa](?:/a)? (?:a|il|in)|ha (?:finalizado|superado|obtenido|sido|conseguido|concluido|completado|conseguito|superato|sostenuto|ottenuto|frequentato)|con (?:DNI|D\.N\.I|NIE|documento)|provist[oa]|está|è (?:iscritt|abilitat|stat|risultat)"
    r"|geboren (?:te|op)|heeft|is (?:geslaagd|ingeschreven|bevoegd|toegelaten)|född|har\b|är (?:legitimerad|behörig|auktoriserad)|personnummer|med personnummer"
    r"|nascid[oa](?:\(a\))?|se encontra|concluiu|obteve|portador|titular d|está inscrit|foi (?:aprovad|distinguid)|, ID|student (?:number|no|id))"
)
_DEAR = r"(?:Dear|Sehr geehrte[rs]?|Guten Tag|Liebe[rs]?|Estimad[oa]s?|Apreciad[oa]|Ch(?:er|ère)|Gentile|Egregi[oa]|Beste|Geachte|Bästa|Hej|Car[oa]|Prezad[oa]|Exm[oa]\\.?)"
_GREETED = re.compile(rf"(?:^|\n){_DEAR}\s+(?i:(?:{TITLE})[\s,]+)*{NAME}\s*[,:!]")
_HOLDER = (
    re.compile(
        rf"(?<!\w)(?i:{_CONFERRED_ON})[\s:,–-]*(?i:(?:(?:la|il|el|al|alla|de|the|o|a|le|à)\s+)?(?:{TITLE})[\s,]+)*(?P<value>{NAME})"
    ),
    re.compile(
        rf"(?:^|\n|[.!?:] )(?i:(?:(?:la|il|el|de|the|o|a|le)\s+)?(?:{TITLE})[\s,]+)*(?P<value>{NAME})(?=,?[ \n]+(?:\d[\d -]{{5,12}}[ \n]+|\([^()\n]{{2,60}}\),?[ \n]+)?{_STATED_OF})"
    ),
    re.compile(
        r"(?:兹证明|授予|特授予|颁发给|研究生|本科生|学生|考生|学员|^|\n)\s*[:：]?\s*(?P<value>[\u4e00-\u9fff·]{2,4}?)\s*(?=同学|同志|先生|女士|老师|[（(]\s?(?:身份证|证件|公民身份)|[（(，,]\s?(?:性别)?[:：]?\s?[男女]|性别)"
    ),
    re.compile(
        r"(?:兹证明|授予|特授予|颁发给)\s*[:：]?\s*(?P<value>[\u4e00-\u9fff·]{2,4}?)\s*(?=[，,：:\n ]|“|于|在|为|$)"
    ),
    re.compile(r"(?:^|\n)\s*(?P<value>[\u4e00-\u9fff·]{2,4})\s*[:：]\s*(?=\n)"),
)
_ARTICLE = r"(?:the|an?|den|das|die|dem|der|le|la|les|l['’]|el|los|las|il|lo|gli|un['’]?|une?|una|uno|het|de|een|o|a|um|uma|ett|en|sein|ihr|this|annual)"
_END = r"(?=\s*(?:[\n,.;:”\"»“(（]|$)|\s+(?:{stops})\b)"
_AWARD_STOPS = (
    r"for (?:the|an?|his|her|their|your|its|outstanding|excellen|academic|exceptional|two|one|20)|in recognition|worth|valued|which|at the|on \d+|on the|in the|from the|of [£$€]\S*|by|and|to the value"
    r"|für (?:das|die|den|ihre|seine|hervorragende|zwei|ein)|im|in Höhe|in Anerkennung|bewilligt|verliehen|zugesprochen|zuerkannt|ausgezeichnet|der (?:Universität|Hochschule|Stiftung)|erhalten|zu"
    r"|pour (?:l|la|le|son|sa|ses|une|ses|leur|les)|au titre|d['’]un|vous|lors|de \d+|en el|en la|en los|en reconocimiento|por|correspondiente|durante|dotad[oa]|convocad[oa]|per (?:l|il|la|i|aver|gli)|del valore|nell\w*|da parte"
    r"|voor (?:het|de|haar|zijn|studie)|ter waarde|ter|för (?:läsåret|sin|sina|år|framstående|utmärkta)|no valor|pelo|pela|em|å"
)
_AWARDED = (
    r"(?:(?:was|were|is|are|be|been|being)(?: hereby)? (?:awarded|granted|presented with|offered|selected for|selected as|named|honou?red with|chosen as|declared|the recipient of|the winner of|recogni[sz]ed as)"
    r"|(?:chosen|selected|nominated) (?:you )?(?:to receive|for)|to receive|(?:as|the) (?:winner|recipient) of|winner of|recipient of|receiv(?:es|ed)|award you|offer you|for (?:winning|the award of)|with the award of|the (?:award|title|honou?r|prize) of|(?:has|have) (?:won|earned)"
    r"|Ihnen|mit|erhält|gewinnt|gewann|Trägerin? des|Preisträgerin? des|wird|wurde|verleiht [^\n]{3,40}"
    r"|a obtenu|reçoit|se voit (?:décerner|attribuer)|vu (?:décerner|attribuer)|lauréate? (?:de|du)|bénéficiaire (?:de|du)|décerne|décerné|attribue|attribué"
    r"|(?:ha sido|fue|resulta) (?:galardonad[oa]|distinguid[oa]|premiad[oa]|beneficiari[oa]|acreedora?) (?:con|de|del)|(?:por )?(?:haber|ha) (?:obtenido|recibido|ganado)|beneficiari[oa] de|ganadora? (?:de|del)|se (?:le )?(?:ha )?(?:concede|otorga|concedido|otorgado)"
    r"|(?:è stat[oa]|viene) (?:conferit[oa]|assegnat[oa]|attribuit[oa])|ha (?:ottenuto|vinto|ricevuto|meritato)|vincit(?:ore|rice) (?:de)?|assegna|conferisce"
    r"|winnaar van|ontving|ontvangt|(?:is|wordt) toegekend|toegekend|heeft"
    r"|utmärkelsen|mottagare av|erhåller|har (?:erhållit|tilldelats|fått)|tilldelas [^\n]{3,40}"
    r"|(?:foi )?(?:distinguid[oa]|galardoad[oa]|contemplad[oa]|agraciad[oa]) com|vencedora? d[oae]|recebeu|obteve|atribuir)"
)
AWARD_NOUN = (
    r"(?:award|prize|scholarship|fellowship|bursary|medal|grant|honou?rs? roll|(?:\w*[-]?)?(?:stipendium|stipendien|preis|medaille|auszeichnung)|bourse|prix|palme|médaille|lauréat|beca|premio|galardón|mención|borsa|riconoscimento|attestato"
    r"|beurs|prijs|\w*stipendium|\w*stipendiet|\w*pris\b|\w*priset\b|medalj\w*|utmärkelse\w*|bolsa|prémio|prêmio|of the (?:year|month)|des jahres|de l['’]année|del año|dell['’]anno|van het jaar|årets|do ano|奖学金|奖|称号|模范|标兵|先进)"
)
_AWARD = (
    re.compile(
        rf"{NAME},?\s+(?:with )?(?i:the|den\s?/\s?das|den|das|die|le|la|l['’]|el|il|lo|het|de|o|a)[ \n][\"“„«‘]?(?P<value>(?=[^\n]*(?i:{AWARD_NOUN}))[{_UPPER}][^\n,.;:”\"»“(]{{2,70}}?){_END.format(stops=_AWARD_STOPS)}"
    ),
    re.compile(
        rf"(?<!\w)(?i:{_AWARDED})[\s:]+(?:(?i:{_ARTICLE})[\s]*)?[\"“„«‘]?(?P<value>[{_UPPER}][^\n,.;:”\"»“(]{{2,70}}?){_END.format(stops=_AWARD_STOPS)}"
    ),
    re.compile(
        rf"(?<!\w)(?i:{_ARTICLE})[ \n][\"“„«‘]?(?P<value>(?:[{_UPPER}][\w'’-]*[ ]|of |for |de |di |del |and |e |y |et |für |d['’]){{0,6}}?(?i:{AWARD_NOUN})(?: (?:(?:of|for|de|di|del|für|per|pour)(?: the| la| las| los| l['’])? ?[{_UPPER}][\w'’-]*(?: (?:and |et |y |e |und )?[{_UPPER}][\w'’-]*){{0,3}}|(?:de la |de l['’]|du |des |del |della |dell['’]|do |da |de |d['’])[\w-]+(?: [{_UPPER}][\w'’-]*)*))?)(?=[\s,.;:”\"»)]|$)"
    ),
    re.compile(
        r"(?i:distinction|récompense|titre|title|award|prize|auszeichnung|preis|premio|galardón|distinción|onderscheiding|prijs|utmärkelsen?|distinção|prémio)"
        r"\s*[«“„\"]\s*(?P<value>[^\W\d_][^\n«»“”„\"]{2,70}?)\s*[»”“\"]"
    ),
    re.compile(
        r"(?:荣获|被评为|评选为|授予|获得|获|获颁)\s*(?:[\u4e00-\u9fff]{2,4}(?:同志|同学)\s*)?(?:[\d二〇零一-九年度至-]{4,14})?\s*[“\"「《]?(?P<value>[\u4e00-\u9fffA-Za-z0-9-]{2,24}?)(?=[”\"」》]|\s*(?:的)?(?:荣誉)?称号|[，,。！!\n ]|$|特)"
    ),
    re.compile(r"[“\"「《](?P<value>[\u4e00-\u9fffA-Za-z0-9·-]{2,24}?)[”\"」》]\s*(?:荣誉)?(?:称号|奖|[，,。]|$)"),
    re.compile(r"(?P<value>[\u4e00-\u9fffA-Za-z0-9-]{2,20}?)\s*[”\"」》]?\s*(?:荣誉)?称号"),
)
DEGREE_NOUN = (
    r"(?:Bachelor|Master|Magister|Magistra|Doctor|Doktor|Diplom(?:-[A-ZÄÖÜ]\w+)?|Associate|Licen[cs]e|Licenciatura|Licenciad[oa]|Licentiate?|Grado|Graduad[oa]|Máster|Maestr[íi]a|Mestrado|Mestre|Laurea|Dottor(?:e|essa)"
    r"|Doctorat|Doctorado|Doutor(?:amento|a)?|Bacharel(?:ato)?|Ingénieure?|Ingenier[oa]|\w*kandidat(?:examen)?|\w*[Mm]asterexamen|\w*[Mm]agisterexamen|\w*[Kk]andidatexamen|Högskoleexamen|Civilingenjörsexamen|Yrkesexamen|Staatsexamen"
    r"|Foundation Degree|Higher National (?:Diploma|Certificate)|Postgraduate (?:Diploma|Certificate)|B\.?A\.?|B\.?Sc\.?|B\.?Eng\.?|M\.?A\.?|M\.?Sc\.?|M\.?Eng\.?|MBA|LL\.?[BM]\.?|Ph\.?D\.?)"
)
_DEGREE_TAIL = (
    rf"(?: (?:of|di|de) [{_UPPER}][\w’'-]+(?: (?:and|of|&) [{_UPPER}][\w-]+| (?!in\b)[{_UPPER}][\w-]+){{0,3}}"
    rf"| (?:Universitari[oa]|universitari[oa]|Magistrale|magistrale|Triennale|triennale|Professionnelle|Professionnel|Ejecutivo)| (?:Degree|degree)(?= of)|(?: [{_UPPER}][\w-]+){{0,2}})?"
)
_ONLY_DEGREE = re.compile(rf"(?:{DEGREE_NOUN}){_DEGREE_TAIL}(?:\s*\([^)]*\))?$")
_DEGREE = (
    re.compile(rf"(?<![\w-])(?P<value>{DEGREE_NOUN}{_DEGREE_TAIL})(?![\w-])"),
    re.compile(
        rf"(?<!\w)(?i:degrees? of|akademischen grad(?: eines| einer)?|grade de|título (?:universitario )?(?:oficial )?de|titolo (?:accademico )?di|graad(?: van)?|grau de|avlagt)[\s:]+(?i:an? |the |en |einer? )?(?P<value>{DEGREE_NOUN}{_DEGREE_TAIL})(?![\w-])"
    ),
    re.compile(r"授予\s*(?:[\u4e00-\u9fff]{2}(?=学士|硕士|博士))?(?P<value>学士|硕士|博士)(?=学位)"),
    re.compile(r"(?P<value>学士|硕士|博士)(?=学位|$|\n|[，,。）)])"),
    re.compile(r"(?P<value>本科|专科|大专)"),
)
_MAJOR_CUES = (
    r"(?:majoring in|major in|field of|programme of|course of study in|studies in|specialis?ation in|specialization in|concentration in|im \w*studiengang|\w*studiengang|Studienfach|Fachrichtung|im Fach|spécialité|mention|parcours|domaine"
    r"|filière|en la especialidad de|especialidad|mención en|corso di (?:laurea|studi) in|indirizzo|classe|opleiding|studierichting|afstudeerrichting|richting|inom|huvudområde[t]?|inriktning|program(?:met)?|no curso de|curso de|na área de|especialidade(?: de)?)"
)
_MAJOR_STOPS = r"en daarmee|heeft|und damit|und hat|and thereby|y ha|e ha|with|at|on \d+|from|having|and (?:is|was|has)|together|mit|an der|bestanden|abgeschlossen|nach|wurde|avec|est|à|de l['’]université|con|expedid|expide|por|en la Universidad|presso|con votazione|met|aan|is|vid|med|på|pela|com|na|awarded|conferred"
_MAJOR = (
    re.compile(
        rf"(?<!\w)(?i:{_MAJOR_CUES})[\s:«“„\"]+(?P<value>[{_UPPER}][^\n,.;:”\"»“]{{2,60}}?){_END.format(stops=_MAJOR_STOPS)}"
    ),
    re.compile(
        rf"{DEGREE_NOUN}{_DEGREE_TAIL}(?:\s*\([^)]*\))?\s+(?:in|en|i|em|:|–|-)\s+(?:the )?(?P<value>[{_UPPER}][^\n,.;:”\"»“]{{2,60}}?){_END.format(stops=_MAJOR_STOPS)}"
    ),
    re.compile(
        rf"(?:^|\n)\s*(?:in|en|i|em)\s+(?P<value>[{_UPPER}][^\n,.;:”\"»“]{{2,60}}?){_END.format(stops=_MAJOR_STOPS)}"
    ),
    re.compile(
        r"(?:(?<=[，,。\n ])|在|完成了?|修读|就读于?|本校|我校|我院|攻读|校|院)\s*(?P<value>(?![\u4e00-\u9fff]*(?:完成|本校|学校|我校|大学|学院))[\u4e00-\u9fff]{2,14}?)\s*专业"
    ),
)
_QUALIFIED_STOPS = (
    r"with|in the|of the|at|on \d+|from|for the|under|having|by|and (?:is|was|has)|has|have|in good standing|is|was|holds|tätig|auszuüben|zu arbeiten|nach|zu führen|bestanden|erworben|führen|mit|in der|gemäß|ist|verliehen|erteilt|depuis|sous|avec|auprès|conformément|et|con|por|desde|según|en el|en la|presso"
    r"|dal|con il|in data|per|volgens|met|in het|te voeren|enligt|från|i enlighet|med|pelo|pela|desde|na|nos termos|sob|e está|bajo|inscrit"
)
_QUALIFIED = (
    r"(?:(?:qualified|registered|licen[cs]ed|admitted|certified|accredited|enrolled|elected|recogni[sz]ed|authori[sz]ed to practi[sc]e|entitled to practi[sc]e|practi[sc]e) as(?: an?)?|as an?|(?<=\) )(?:is|was) an?|number [\w/-]{4,12},? (?:is|was) an?|(?:berechtigt|befugt),? als|(?:qualification|designation|title|status|grade|credential|profession|certification) of(?: an?)?|holds the (?:designation|title|credential|qualification)|has become an?"
    r"|den titel|die berufsbezeichnung|berufsbezeichnung|abschluss|prüfung (?:zum|zur|als)|fortbildungsprüfung (?:zum|zur)|zum|zur|im beruf|den beruf|beruf(?:es)? (?:des|der)|im ausbildungsberuf|approbation als|bestellung als|bestellt zum|zulassung als"
    r"|en qualité d(?:e|['’])|en tant qu(?:e |['’])|profession d(?:e|['’])|titre (?:professionnel )?d(?:e|['’])|diplôme d['’]état d(?:e|['’])|qualification d(?:e|['’])|exercer comme"
    r"|como|profesión de|título (?:oficial |profesional )?de|colegiad[oa] como|habilitad[oa] (?:como|para)|categoría de"
    r"|professione di|qualifica (?:professionale )?di|titolo di|abilitazione (?:all['’]esercizio della professione di|come)|in qualità di|albo d(?:ei|egli|elle)"
    r"|(?:het )?beroep van|de titel|bevoegd als|ingeschreven als|geregistreerd als"
    r"|legitimation som|legitimerad som|behörighet som|behörig som|auktoriserad som|yrket|certifierad som"
    r"|profissão de|título profissional de|na qualidade de|qualificação de|categoria de)"
)
PROFESSION_NOUN = (
    r"(?:\w*(?:meister|meisterin|techniker(?:in)?|fachwirt(?:in)?|buchhalter(?:in)?|ingenieur(?:in)?|pfleger(?:in)?|ärztin|arzt|anwalt|anwältin|berater(?:in)?|prüfer(?:in)?|lehrer(?:in)?|apotheker(?:in)?|kauffrau|kaufmann|mechaniker(?:in)?|elektroniker(?:in)?)"
    r"|Registered|Certified|Chartered|Licensed|Qualified|Accredited|Geprüfte[rn]?|Staatlich|Nurse|Teacher|Accountant|Engineer|Physician|Solicitor|Barrister|Architect|Surveyor|Pharmacist|Electrician|Plumber|Practitioner|Technician|Actuary|Auditor|Midwife|Paramedic|Counsel(?:l)?or|Therapist|Dentist|Lawyer|Attorney|Broker|Agent|Inspector|Professional"
    r"|Expert-comptable|Infirmi(?:er|ère)|Avocate?|Architecte|Médecin|Pharmacien(?:ne)?|Ingénieure?|Commissaire aux comptes|Notaire|Sage-femme|Kinésithérapeute"
    r"|Enfermer[oa]|Abogad[oa]|Arquitect[oa]|Médic[oa]|Economista|Ingenier[oa]|Farmacéutic[oa]|Graduad[oa] Social|Psicólog[oa]|Dottor(?:e|essa) Commercialista|Avvocato|Infermier[ea]|Architetto|Ingegnere|Geometra|Medico|Farmacista|Psicolog[oa]"
    r"|Verpleegkundige|Registeraccountant|Accountant-Administratieconsulent|Advocaat|Arts|Leraar|Docent|Apotheker|sjuksköterska|lärare|läkare|Revisor|psykolog|tandläkare|Advogad[oa]|Enfermeir[oa]|Contabilista(?: Certificad[oa])?|Médic[oa]|Engenheir[oa]|Arquitet[oa]|Farmacêutic[oa])"
)
_QUALIFICATION = (
    re.compile(
        rf"(?<!\w)(?i:{_QUALIFIED})(?:[\s:,]+|(?<=['’]))(?:(?i:{_ARTICLE}|(?:staatlich )?anerkannten|(?:anerkannten |beruflichen )?(?:fortbildungs|berufs)?abschluss)\s+)*[\"“„«‘]?(?P<value>[^\W\d_a-zà-öø-þ][^\n,.;:”\"»“(]{{3,70}}?){_END.format(stops=_QUALIFIED_STOPS)}"
    ),
    re.compile(
        rf"(?<!\w)(?i:legitimation som|behörighet som|profession d(?:e|['’])|professione di|profesión de|profissão de|en qualité d(?:e|['’])|beroep van)(?:[\s:]+|(?<=['’]))(?P<value>[a-zà-þ][^\n,.;:”\"»“(]{{3,50}}?){_END.format(stops=_QUALIFIED_STOPS)}"
    ),
    re.compile(
        r"(?:取得|具备|获得|具有|授予|考取|准予取得|核准)\s*[“\"]?(?P<value>[\u4e00-\u9fff()（）]{2,16}?)(?=[”\"]?\s*(?:（?职业|专业技术|执业)?资格[，,。；证\s]|[”\"]?\s*(?:执业|从业)资格|[”\"]?\s*任职资格)"
    ),
    re.compile(r"(?P<value>[\u4e00-\u9fff]{2,6}教师资格)(?!证)"),
)
_NOT_A_NAME = re.compile(
    rf"(?i:\b(?:certificate|certification|diploma|degree|award|licen[cs]e|council|board|office|university|college|institute|institut|school|academy|department|ministry|society|association|faculty|register|registrar|president|vice|chancellor|dean|rector|provost|principal|director|secretary|chair\w*|chief|head|manager|officer|commissioner|examiner|examinations?|honou?rs|class|division|science|arts|engineering|state|county|republic|kingdom|resolución|concesión|notice|statement|attribution|notification|bescheid|certificación|acta|constancia|declaração|verklaring|intyg|confirmation|verification|membership|registration|report|letter|card|permit|passport|kingdom|urkunde|zeugnis|diplôme|diploma|oorkonde|certificat|certificado|certificato|attestation|attestato|getuigschrift|bewijs|bevis|examen|diplom|fakultät|hochschule|kammer|präsident\w*|dekan\w*|rektor\w*|vorsitzende\w*|direktor\w*|studien\w*|fachbereich|université|école|ministère|république|président\w*|directeur|directrice|recteur|doyen\w*|jury|universidad|facultad|ministerio|reino|rector\w*|decan[oa]|secretari[oa]|colegio|título|titulo|universit\w+|facoltà|repubblica|rettore|preside|ordine|albo|universiteit|hogeschool|examencommissie|högskola\w*|socialstyrelsen|lantmäteriet|prefekt|universidade|faculdade|reitor\w*|the|this|for|and|und|with|in|of the|year|des|jahres|stage|part|level|niveau)\b)|{DEGREE_NOUN}(?![\w-])|(?<!\w){PROFESSION_NOUN}(?!\w)|(?i:(?<!\w){AWARD_NOUN}(?!\w))"
)
_INTRODUCES = re.compile(
    r"(?:^|\s)(?:the|an?|of|as|to|that|upon|on|with|in|by|den|das|die|der|dem|zum|zur|als|an|ein|eine|einen|eines|einer|une|uno|following|folgende[ns]?|suivante?s?|siguiente|seguente|volgende|följande|seguinte|grad|titel|dass|herrn?|frau|abschluss|den\s?/\s?das|le|la|les|l['’]|de|du|des|à|que|el|los|un|una|una|del|al|a|como|il|lo|gli|dello|della|dell['’]|di|che|het|een|van|aan|dat|tot"
    r"|till|om|att|som|för|avlagt|tilldelas?|en|ett|o|um|uma|do|da|ao|verleiht|erhält|hiermit|utmärkelsen|award|prize|title|degree|designation|qualification|scholarship|presented|conferred|certifies|recipient|winner|\w*studiengang|fachrichtung|spécialité|mention|décerne|otorga|concede|conferisce|assegna|confere|uitgereikt)\s*[:,…]?$",
    re.I,
)
NUMBERED = re.compile(
    r"(?i:\b(?:(?:under|with|bearing|sous|con|bajo|unter|mit|med|onder|met|com|sob)\s+(?:the |le |la |el |der |die |o |het |l['’])?"
    r"(?:(?:registration|certificate|licen[cs]e|membership|register|registrierungs|mitglieds|inscription|colegiado|inscrição|matrícula|matricola)[- ])?"
    r"|(?:document|instrument|certificate|licen[cs]e|membership|registration|diploma|title|folio|act[ae]|atto|akte|urkunde|assento|register|entry|diplôme enregistré sous le|cédula profissional)\s+)"
    r"(?:number|no\.?|numéro|n°|nº|n\.º|n\.|número|numero|nummer|nr\.?))\s*[:.]?\s*(?P<value>[A-Z]{0,4}[- ]?\d[\w./-]{2,20}\b)"
)
_HAN_SEX = re.compile(r"[，,]\s?(?:性别)?\s?[:：]?\s?(?P<value>[男女])\s?(?=[，,。、])")
_SUBJECT_ENDS = re.compile(
    r"(?:^|\s)(?:in|en|i|em|\w*studiengang|fachrichtung|fach|mention|spécialité|specialis?ation|major|inom|huvudområde|opleiding|curso de|especialidad)\s*[:,]?$",
    re.I,
)
_GIVEN_BY = re.compile(
    r"^(?:(?:presented|awarded|sponsored|issued|granted|conferred|donated|given|certified|approved) by|verliehen (?:durch|von)|überreicht (?:durch|von)|ausgestellt (?:durch|von)|décernée? par|délivrée? par|attribuée? par|remise? par|otorgad[oa] por|concedid[oa] por"
    r"|expedid[oa] por|conferit[oa] da|rilasciat[oa] da|assegnat[oa] da|uitgereikt door|toegekend door|afgegeven door|utdela[ds] av|utfärda[dt]s? av|atribuíd[oa] por|emitid[oa] por)\s*:?\s+",
    re.I,
)
_ROLE_OF_ISSUER = re.compile(
    r"^.*?\b(?:trustees|governors|council|senate|regents|board of regents|faculty|president|rector|rektorat|rektorin|rektor|präsidentin|präsident|dekanin|dekan|vorstand|kuratorium|jury|présidente?|recteur|directeur|directrice|conseil|rettore|direttore|preside|senato|reitora?|director[a]?|decan[oa]"
    r"|bestuur|college van bestuur|examencommissie|rektorn|styrelsen)(?: (?:and|und|et|y|e|en|och) [\w ]{3,20}?)? (?:of(?: the)?|der|des|de la|de l['’]|de los|del|dell['’]|della|degli|de|du|van(?: de| het)?|da|do|för|vid|på) ?(?=[A-ZÀ-Þ])",
    re.I,
)  # fmt: skip
_ARTICLE_OF_ISSUER = re.compile(
    r"^(?:(?:by|von der|vom|von|par|por|da|door|av|from|through)\s+)?(?:the(?=\s+[a-z])|die|der|das|le|la|l['’]|les|el|il|lo|de|het|o|a|os|as)\s*(?<=[\s'’])(?=[A-ZÀ-Þ])",
    re.I,
)
_VERB_OF_ISSUER = re.compile(
    r"\s*,?\s+(?:verleiht|bescheinigt|bestätigt|ernennt|hereby|has|have|having|confers?|awards?|certif\w+|presents?|grants?|is pleased|is proud|takes|gratefully|wishes|recogni[sz]es|décerne|certifie|atteste|délivre|confère|a (?:décerné|attribué|délivré|conféré)|attribue|otorga|certifica|concede|expide|hace|acredita|entrega|ha (?:conferito|otorgado|concedido)|conferisce|attesta|rilascia|assegna|verleent|verklaart|reikt|kent|tilldelar|intygar|härmed|utfärdar|ger|confere|atribui|outorga|declara)\b.*$"
)
_EMPLOYED = re.compile(
    r"(?i)employ|salary|beschäftigt|gehalt|arbeits|emploi|salari|trabaja|nómina|sueldo|lavora|stipendio|dipendente|werkzaam|dienstverband|anställ|lön\b|trabalha|vencimento|任职于|薪"
)
_ENDS = re.compile(
    r"(?:valid|until|expir|lapses?|renew|gültig|befristet|läuft|hasta|caduca|vence|jusqu|expire|scad|geldig|verloopt|giltig|gäller|validade|válid|caduca|有效)\w*\W*(?:\w+\W+){0,2}$",
    re.I,
)
LONGEST = 8_000  # signs of a page in which sentences are looked for
_PROMINENT = 1.15  # of the usual height of the page's words
_BEFORE, _AFTER, _OWN_LINE, _LARGE_LINE = 0.8, 0.7, 0.76, 0.64


@dataclass(frozen=True, slots=True)
class _Line:
    """A cell of the page."""

    strip: Strip
    start: int
    end: int
    size: float  # of its words, by the usual one of the page

    @property
    def text(self) -> str:
        return self.strip.raw(self.start, self.end)


def issuer_in(text: str) -> str:
    """The organisation of a line that begins a sentence: "The Council of Foo College hereby" → "Foo College"."""
    cut = _VERB_OF_ISSUER.sub("", _GIVEN_BY.sub("", text, count=1))
    cut = _ROLE_OF_ISSUER.sub("", cut, count=1)
    cut = _ARTICLE_OF_ISSUER.sub("", cut, count=1).strip(" ,:–-")
    return cut if len(cut) >= 4 else text


def from_certificate(paper: Paper, kind: DocumentKind) -> Iterator[Candidate]:
    """Candidates for the holder, what is conferred, its subject and its day, all of them doubtful."""
    if kind.id not in _KINDS or not paper.strips:
        return
    names = {spec.name for spec in kind.fields}
    for strips in pages_of(paper)[:2]:
        whole = running(strips)
        if whole is not None:
            for found in _of_prose(whole, kind.id, paper):
                if found.field in names:
                    yield found
    for found in _of_lines(paper, kind.id):
        if found.field in names:
            yield found


def pages_of(paper: Paper) -> list[list[Strip]]:
    """The lines of each page."""
    pages: dict[int, list[Strip]] = {}
    for strip in paper.strips:
        pages.setdefault(strip.page.number, []).append(strip)
    return list(pages.values())


def _of_prose(whole: Strip, kind: str, paper: Paper) -> Iterator[Candidate]:
    for rank, pattern in enumerate(_HOLDER):
        for match in pattern.finditer(whole.text, 0, LONGEST):
            if is_person(match["value"]):
                yield made(
                    "holder", whole, match.span("value"), (_AFTER if rank == 1 else _BEFORE if rank != 2 else _AFTER)
                )
    wanted: Sequence[tuple[str, Sequence[re.Pattern[str]], float]] = {
        "award_certificate": (("award", _AWARD, 0.77),),
        "diploma": (("degree", _DEGREE, 0.72), ("major", _MAJOR, 0.79)),
        "professional_certificate": (("qualification", _QUALIFICATION, 0.74),),
    }.get(kind, ())
    for field, patterns, score in wanted:
        for rank, pattern in enumerate(patterns):
            for match in pattern.finditer(whole.text, 0, LONGEST):
                value = match["value"]
                if len(value) > 1 and not (field in ("award", "qualification") and _no_object(value, paper)):
                    yield made(field, whole, match.span("value"), score - 0.004 * rank)
    yield from _of_days(whole)
    for match in NUMBERED.finditer(whole.text, 0, LONGEST):
        yield made("certificate_number", whole, match.span("value"), 0.7)
    for match in _HAN_SEX.finditer(whole.text, 0, LONGEST):
        yield made("sex", whole, match.span("value"), 0.7)


def confers(text: str) -> dict[str, float]:
    """Weight of evidence for kinds of certificates: a person, and a degree, award or profession conferred on them."""
    named = any(is_person(match["value"]) for pattern in _HOLDER for match in pattern.finditer(text, 0, LONGEST))
    if not named and not _GREETED.search(text, 0, LONGEST):
        return {}
    found = {}
    if _DEGREE[1].search(text, 0, LONGEST):
        found["diploma"] = 1.5
    awards = (
        match["value"]
        for pattern in (_AWARD[:3] if named else _AWARD[1:2])
        for match in pattern.finditer(text, 0, LONGEST)
    )
    if any(re.search(rf"(?i:(?<!\w){AWARD_NOUN}(?!\w))", value) for value in awards):
        found["award_certificate"] = 1.5
    titles = (match["value"] for match in _QUALIFICATION[0].finditer(text, 0, LONGEST))
    if any(re.search(rf"(?<!\w){PROFESSION_NOUN}(?!\w)", value) for value in titles) and not _EMPLOYED.search(text):
        found["professional_certificate"] = 1.2
    return found


def _of_days(whole: Strip) -> Iterator[Candidate]:
    """A day that a sentence names as that of the certificate, over the end of its line, too."""
    text = whole.text
    for day in days_in(text, order_of(text)):
        if is_birth(text, day):
            yield made("birth_date", whole, (day.start, day.end), 0.78 * day.quality, day.value.isoformat())
            continue
        before = text[max(day.start - 40, 0) : day.start]
        if _ENDS.search(before):
            yield made("expiry_date", whole, (day.start, day.end), 0.74 * day.quality, day.value.isoformat())
            continue
        if (
            re.search(
                r"(?i)(?:\bgiven|\bdated?|\bthis|\bon(?: the)?|\bheld on|\bconferred|\bawarded|\bden|\bam|\ble|\bfait à .*|\ba(?: los)?|\bil|\bop|\baos|\bem|于|在|，|,)\s*$",
                before,
            )
            or "\n" in text[day.start : day.end]
        ):
            for field in ("award_date", "graduation_date", "issue_date", "test_date"):
                yield made(field, whole, (day.start, day.end), 0.58 * day.quality, day.value.isoformat())


def is_person(text: str) -> bool:
    """Whether it can be a person's name and is no office, firm, degree or award."""
    if has_han(text):
        return bool(re.fullmatch(_HAN_NAME, text)) and not re.search(
            r"大学|学院|公司|证书|专业|成绩|特发|编号|日期|本校|同志|同学|资格|考试|中心|机构|持证|姓名|性别|学生|单位|中国",
            text,
        )
    return bool(re.fullmatch(NAME, text)) and not _NOT_A_NAME.search(text) and not re.search(r"\d", text)


def _no_object(text: str, paper: Paper) -> bool:
    """Whether it is no award or profession: a person, a day, a figure, an address, the title of the page."""
    return (
        (is_person(text) and not has_han(text) and not re.search(rf"(?i:{AWARD_NOUN})|{PROFESSION_NOUN}", text))
        or bool(re.search(r"\d{4,}|[@£$€]", text))
        or next(days_in(text, order_of(paper.text)), None) is not None
        or is_label(paper, text)
    )


def is_label(paper: Paper, text: str) -> bool:
    """Whether a text is nothing but a label of some field."""
    found = paper.words.phrases.whole(fold(text))
    return found is not None and bool(found.labels) and not found.cues


def _of_lines(paper: Paper, kind: str) -> Iterator[Candidate]:
    """Lines of their own, which the line before introduces or which stand out by size."""
    lines = _lines(paper)
    what = _KINDS[kind]
    named = False
    for at, line in enumerate(lines):
        text = line.text.strip(' ,:;“”"„«»')
        introduced = at > 0 and _introduced(lines[at - 1], line)
        large = line.size >= _PROMINENT
        told = (
            _tells_itself(text, what) if kind != "diploma" else at > 0 and bool(_ONLY_DEGREE.match(lines[at - 1].text))
        )
        if not (introduced or large or told) or not 2 <= len(text) <= 80 or _labelled(paper, line):
            continue
        score = _OWN_LINE if introduced else _LARGE_LINE
        score += 0.04 * (introduced and large)
        span = _trimmed(line)
        title = _is_title(paper, line)
        if is_person(_untitled(text)) and not named and not title:
            named = True
            first = line.start + line.strip.text[line.start : line.end].find(_untitled(text))
            yield made("holder", line.strip, (first, first + len(_untitled(text))), score)
        elif kind == "diploma":
            yield from _of_study(lines, at, text, span, score, named=named)
        elif told and _like_object(text):
            yield made(what, line.strip, span, min(score, 0.7))
        elif (
            what
            and (named or introduced)
            and (introduced or not title)
            and _like_object(text)
            and (introduced or line.size >= _PROMINENT)
        ):
            yield made(what, line.strip, span, score - 0.02)


def _of_study(
    lines: Sequence[_Line], at: int, text: str, span: tuple[int, int], score: float, *, named: bool
) -> Iterator[Candidate]:
    line = lines[at]
    degree = re.match(rf"(?:{DEGREE_NOUN})(?![\w-]){_DEGREE_TAIL}", text)
    if degree is not None:
        rest = re.match(rf"\s+(?:in|en|i|em)\s+(?P<major>[{_UPPER}].+)$", text[degree.end() :])
        runs_on = bool(re.match(r"[\s,(]+[a-zà-þ]", text[degree.end() :]))
        end = span[0] + degree.end() if rest or runs_on else span[1]
        yield made("degree", line.strip, (span[0], end), score)
        if rest:
            yield made("major", line.strip, (span[0] + degree.end() + rest.start("major"), span[1]), score)
    elif at > 0 and _like_object(text) and (named or not is_person(text)):
        before = lines[at - 1].text
        if _SUBJECT_ENDS.search(before):
            yield made("major", line.strip, span, score + 0.02)
        elif re.match(rf"(?:{DEGREE_NOUN})(?![\w-])", before) and _like_subject(text):
            yield made("major", line.strip, span, 0.68)


def _tells_itself(text: str, what: str) -> bool:
    """Whether it is the name of a profession or of an award by its words alone."""
    if what == "qualification":
        return bool(re.match(rf"(?:[{_UPPER}][\w-]* ){{0,2}}{PROFESSION_NOUN}(?!\w)", text)) and len(text.split()) < 7
    return what == "award" and bool(re.search(rf"(?i:(?<!\w){AWARD_NOUN})$", text)) and 1 < len(text.split()) < 7


def _lines(paper: Paper) -> list[_Line]:
    """Cells of the first two pages, from top to bottom, with how large they are."""
    strips = [strip for strips in pages_of(paper)[:2] for strip in strips]
    heights = sorted(word.height for strip in strips for word in strip.words)
    usual = heights[len(heights) // 2] or 1.0
    found = []
    for strip in strips:
        for start, end in strip.cells:
            sizes = sorted(word.height for word in strip.parts(start, end)) or [usual]
            found.append(_Line(strip, start, end, sizes[len(sizes) // 2] / usual))
    return found


def _introduced(before: _Line, line: _Line) -> bool:
    return before.strip is not line.strip and bool(_INTRODUCES.search(before.text.strip()))


def _labelled(paper: Paper, line: _Line) -> bool:
    """Whether a label stands in the cell or the cell before it: what follows is told otherwise."""
    hits = paper.hits[line.strip.number]
    inside = any(line.start <= hit.start < line.end and hit.colon and hit.meaning.labels for hit in hits)
    return inside or any(hit.end <= line.start <= hit.after + 1 and hit.stands and hit.meaning.labels for hit in hits)


def _is_title(paper: Paper, line: _Line) -> bool:
    """Whether the title of a document fills most of it."""
    hits = paper.hits[line.strip.number]
    size = line.end - line.start
    return any(
        line.start <= hit.start < line.end and hit.end - hit.start > 0.6 * size
        for hit in hits
        if any(weight >= 3 for weight in hit.meaning.cues.values())
    )


def _like_object(text: str) -> bool:
    """Few words that begin with a capital, no sentence, no figure, no organisation's verb."""
    words = text.split()
    return (
        (text[0].isupper() or has_han(text))
        and len(words) <= 9
        and not re.search(r"[:：!?]|\d{3}|[.,]\s", text)
        and not _INTRODUCES.search(text)
        and not re.search(r"(?i)\s(?:from|since|until|for|seit|bis|depuis|jusqu|desde|hasta|dal|sinds|från|från och med|at)$", text)
        and issuer_in(text) == text
        and not re.search(r"(?i)\b(?:university|college|universität|hochschule|université|universidad|università|universiteit|högskola|universitet|universidade|council|board of|kammer|ordre|colegio|ordine|styrelse|institute of|department|ministry|ministère)|大学|学院$|公司", text)
    )  # fmt: skip


def _like_subject(text: str) -> bool:
    return not re.search(r"(?i)\b(?:with|honou?rs|class|division|cum laude|mit|avec|con|at|in|on|upon)\b", text)


def _untitled(text: str) -> str:
    return re.sub(rf"^(?:(?:{TITLE})\s+)+", "", text).strip(" ,")


def _trimmed(line: _Line) -> tuple[int, int]:
    text = line.strip.text[line.start : line.end]
    bare = text.strip(' ,:;“”"„«»')
    first = line.start + text.find(bare)
    return first, first + len(bare)


def made(field: str, strip: Strip, span: tuple[int, int], score: float, value: str | None = None) -> Candidate:
    """A candidate of a piece of a line or of running text; ``value`` where it is not the text itself."""
    start, end = span
    raw = strip.raw(start, end)
    seen = strip.confidence(start, end)
    page = strip.parts(start, end)[0].page if strip.joined else strip.page.number
    text = value or " ".join(raw.strip(' ,:;“”"„«»').split())
    return Candidate(field, text, raw, page, strip.box(start, end), score * min(1.0, 0.4 + 0.6 * seen), "pattern",
                     None, strip.number)  # fmt: skip
