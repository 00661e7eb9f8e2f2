"""Sentences of contracts in many languages, and the legacy encodings that their files come in."""

from __future__ import annotations

# language: (encodings, sentences). Written for these tests.
TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "English": (
        ("cp1252", "mac_roman"),
        (
            "The “Tenant” shall pay €400 – the landlord’s fee.",
            "This agreement is governed by the law of Malta, and the parties’ notices are in "
            "writing. The café on the first floor is not a part of the premises.",
        ),
    ),
    "French": (
        ("cp1252", "iso8859_15", "mac_roman"),
        (
            "Le loyer est payé à l’avance.",
            "Le présent contrat est conclu pour une durée de trois années à compter de la date de "
            "signature. Le preneur s’engage à régler les charges où elles sont dues, même après la "
            "fin du bail, et à ne pas céder ses droits sans l’accord écrit du bailleur.",
        ),
    ),
    "German": (
        ("cp1252", "iso8859_15", "mac_roman", "cp850"),
        (
            "Die Miete beträgt vierhundert Euro.",
            "Der Mieter verpflichtet sich, die Räume in ordnungsgemäßem Zustand zurückzugeben. Für "
            "Schäden, die über die übliche Abnutzung hinausgehen, haftet er nach den gesetzlichen "
            "Vorschriften; die Kündigung bedarf der Schriftform.",
        ),
    ),
    "Spanish": (
        ("cp1252", "iso8859_1", "mac_roman"),
        (
            "El señor pagará la renta mañana.",
            "El arrendatario pagará la renta dentro de los cinco primeros días de cada año. La "
            "duración del contrato será de tres años, y ninguna de las partes podrá rescindirlo "
            "sin previo aviso por escrito a la otra según lo señalado en la cláusula décima.",
        ),
    ),
    "Portuguese": (
        ("cp1252", "iso8859_1"),
        (
            "O inquilino não pagará a caução.",
            "O presente contrato tem a duração de três anos e não poderá ser denunciado antes do "
            "fim do primeiro. As partes estão de acordo em que a caução é devolvida após a "
            "inspecção, sem juros, e que a comunicação será feita por escrito.",
        ),
    ),
    "Swedish": (
        ("cp1252", "iso8859_1"),
        (
            "Hyran är fyrahundra kronor.",
            "Avtalet gäller i tre år från och med den dag då det undertecknas. Hyresgästen får "
            "inte överlåta sina rättigheter utan ägarens samtycke, och uppsägning skall ske "
            "skriftligen för att vara giltig.",
        ),
    ),
    "Polish": (
        ("cp1250", "iso8859_2"),
        (
            "Najemca zapłaci czynsz za każdy miesiąc.",
            "Niniejsza umowa zostaje zawarta na czas określony trzech lat. Najemca zobowiązuje się "
            "do zapłaty czynszu z góry, do dnia dziesiątego każdego miesiąca, i nie może oddać "
            "lokalu w podnajem bez zgody właściciela wyrażonej na piśmie.",
        ),
    ),
    "Czech": (
        ("cp1250", "iso8859_2"),
        (
            "Nájemné činí čtyři sta korun měsíčně.",
            "Tato smlouva se uzavírá na dobu tří let a řídí se českým právem. Nájemce je povinen "
            "platit nájemné včas a nesmí bez souhlasu pronajímatele přenechat byt jiné osobě, "
            "jinak může být smlouva vypovězena; výpověď musí být písemná.",
        ),
    ),
    "Hungarian": (
        ("cp1250", "iso8859_2"),
        (
            "A bérlő előre fizeti a bérleti díjat.",
            "A jelen szerződés három évre szól, és a magyar jog az irányadó. A bérlő köteles a "
            "bérleti díjat minden hónap ötödik napjáig megfizetni, és nem adhatja át a helyiséget "
            "a tulajdonos írásos hozzájárulása nélkül; a felmondás csak így érvényes.",
        ),
    ),
    "Turkish": (
        ("cp1254", "iso8859_9"),
        (
            "Kiracı kirayı peşin ödeyecektir.",
            "Bu sözleşme üç yıl için yapılmıştır ve Türk hukukuna tabidir. Kiracı, kira bedelini "
            "her ayın beşinci gününe kadar ödemekle yükümlüdür; mal sahibinin yazılı izni olmadan "
            "bir başkasına devir yapamaz ve bu hüküm değiştirilemez.",
        ),
    ),
    "Lithuanian": (
        ("cp1257", "iso8859_13"),
        (
            "Nuomininkas moka už kiekvieną mėnesį.",
            "Ši sutartis sudaryta trejiems metams ir jai taikoma Lietuvos teisė. Nuomininkas "
            "įsipareigoja mokėti nuomą iki kiekvieno mėnesio penktos dienos ir be raštiško "
            "savininko sutikimo negali perduoti patalpų kitam asmeniui, kad ir kokia būtų "
            "priežastis.",
        ),
    ),
    "Russian": (
        ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic"),
        (
            "Договор аренды. Плата 400 рублей.",
            "Настоящий договор заключён сроком на три года. Арендатор обязуется вносить плату не "
            "позднее пятого числа каждого месяца и не вправе передавать помещение другим лицам "
            "без письменного согласия собственника, если иное не указано в пункте 7.",
        ),
    ),
    "Ukrainian": (
        ("cp1251", "koi8_u"),
        (
            "Орендар сплачує чотириста гривень.",
            "Цей договір укладено строком на три роки. Орендар зобов’язується вносити плату не "
            "пізніше п’ятого числа кожного місяця і не має права передавати приміщення іншим "
            "особам без письмової згоди власника, якщо інше не вказано у договорі.",
        ),
    ),
    "Greek": (
        ("cp1253", "iso8859_7"),
        (
            "Το μίσθωμα είναι τετρακόσια ευρώ.",
            "Η παρούσα σύμβαση ισχύει για τρία έτη και διέπεται από το ελληνικό δίκαιο. Ο μισθωτής "
            "υποχρεούται να καταβάλλει το μίσθωμα έως την πέμπτη ημέρα κάθε μήνα και δεν μπορεί "
            "να παραχωρήσει τη χρήση χωρίς την έγγραφη συναίνεση του ιδιοκτήτη.",
        ),
    ),
    "Hebrew": (
        ("cp1255", "iso8859_8"),
        (
            "השוכר ישלם ארבע מאות שקלים.",
            "הסכם זה נערך לתקופה של שלוש שנים וחל עליו הדין הישראלי. השוכר מתחייב לשלם את דמי "
            "השכירות עד החמישי בכל חודש, ולא יהיה רשאי להעביר את זכויותיו לאחר ללא הסכמת הבעלים "
            "בכתב ומראש.",
        ),
    ),
    "Arabic": (
        ("cp1256", "iso8859_6"),
        (
            "يدفع المستأجر أربعمائة دينار.",
            "أبرم هذا العقد لمدة ثلاث سنوات ويخضع للقانون المدني. يلتزم المستأجر بدفع الأجرة قبل "
            "اليوم الخامس من كل شهر، ولا يجوز له أن يتنازل عن حقوقه إلى غيره من دون موافقة المالك "
            "على ذلك كتابة.",
        ),
    ),
    "Thai": (
        ("cp874",),
        (
            "ผู้เช่าต้องชำระค่าเช่าล่วงหน้า",
            "สัญญาฉบับนี้มีกำหนดระยะเวลาสามปี และอยู่ภายใต้กฎหมายไทย ผู้เช่าตกลงจะชำระค่าเช่าภายในวันที่ห้า"
            "ของทุกเดือน และไม่มีสิทธิโอนสิทธิการเช่าให้แก่ผู้อื่นโดยไม่ได้รับความยินยอมเป็นหนังสือ",
        ),
    ),
    "Simplified Chinese": (
        ("gb2312", "gbk", "gb18030"),
        (
            "租金为四百元。通知期为三个月。",
            "本合同自双方签字之日起生效，有效期为三年。承租人应当在每月五日以前支付租金，未经出租人"
            "书面同意，不得将房屋转租给他人。因本合同发生的争议，由双方协商解决；协商不成的，可以向"
            "有管辖权的人民法院提起诉讼。",
        ),
    ),
    "Traditional Chinese": (
        ("big5", "cp950", "big5hkscs"),
        (
            "租金為四百元。通知期為三個月。",
            "本契約自雙方簽字之日起生效，有效期間為三年。承租人應於每月五日以前支付租金，未經出租人"
            "書面同意，不得將房屋轉租給他人。因本契約發生的爭議，由雙方協商解決；協商不成的，得向有"
            "管轄權的法院提起訴訟。",
        ),
    ),
    "Japanese": (
        ("cp932", "euc_jp", "iso2022_jp"),
        (
            "賃料は四百円です。通知は三か月です。",
            "本契約の期間は、締結の日から三年間とする。賃借人は、毎月五日までに賃料を支払わなければ"
            "ならない。賃借人は、賃貸人の書面による承諾を得ないで、この権利を他人に譲渡することが"
            "できない。",
        ),
    ),
    "Korean": (
        ("euc_kr", "cp949"),
        (
            "임대료는 사백 원이다. 통지는 석 달이다.",
            "본 계약의 기간은 체결일로부터 삼 년으로 한다. 임차인은 매월 오일까지 임대료를 "
            "지급하여야 하며, 임대인의 서면 동의 없이 이 권리를 다른 사람에게 양도할 수 없다. "
            "분쟁은 관할 법원에서 해결한다.",
        ),
    ),
}
