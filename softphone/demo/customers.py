"""The people in the demo's CRM. All are invented; numbers come from ranges kept free for fiction where there
are such ranges, addresses of mail end in example.com, example.org or example.net (RFC 2606)."""

from __future__ import annotations

from softphone.domain.facts import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    title: str
    open: bool = True


@dataclass(frozen=True, slots=True)
class PastContact:
    """An earlier contact, so many days before today."""

    days_ago: int
    summary: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """One record; `phones` are written the way somebody once typed them."""

    id: str
    name: str
    phones: tuple[str, ...]
    country: str
    language: str
    company: str = ""
    email: str = ""
    address: str = ""
    contract: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    cases: tuple[Case, ...] = ()
    contacts: tuple[PastContact, ...] = ()

    @property
    def reference(self) -> str:
        """The customer number that people read out on the telephone."""
        return f"{self.country}-{40_000 + int(self.id[1:]) * 137}"


CUSTOMERS: tuple[DemoCustomer, ...] = (
    DemoCustomer(
        "C001", "Harriet Whitcombe", ("+44 20 7946 0018",), "GB", "English", "Whitcombe & Daughters Ltd",
        "harriet@whitcombe.example.com", "14 Larch Row, London N1", "Home & Contents, since 2014",
        ("Gold", "Home owner"), "Prefers to be called after 10 a.m.",
        (Case("Water damage in the kitchen: claim 88-2041"), Case("Change of address", open=False)),
        (PastContact(2, "Reported water under the sink, photos promised", "Claim opened"),
         PastContact(96, "Asked about cover for bicycles", "Information given"),
         PastContact(240, "Renewal at the same premium", "Renewed")),
    ),
    DemoCustomer(
        "C002", "Jürgen Großmann", ("030 23125 042", "+49 171 39200 42"), "DE", "Deutsch", "",
        "j.grossmann@example.org", "Lindenallee 7, 13187 Berlin", "Stammkunde seit 2009",
        ("Stammkunde", "Rechnung"), "Hört schlecht: langsam und deutlich sprechen.",
        (Case("Bestellung 50 417: ein Artikel fehlt"),),
        (PastContact(5, "Zwei Garnituren Bettwäsche bestellt", "Bestellung aufgenommen"),
         PastContact(31, "Rückgabe eines Wasserkochers", "Rücksendung veranlasst")),
    ),
    DemoCustomer(
        "C003", "Giulia Ferrante", ("+39 02 7755 0100", "+39 333 000 0123"), "IT", "Italiano",
        "Studio Ferrante", "giulia@ferrante.example.net", "Via dei Tigli 22, 20131 Milano",
        "Soccorso Plus, targa GF 482 KR", ("Plus",), "",
        (Case("Veicolo fermo in autostrada A4, uscita Bergamo"),),
        (PastContact(14, "Gomma forata, carro attrezzi inviato", "Intervento concluso"),),
    ),
    DemoCustomer(
        "C004", "Ελένη Παπαδοπούλου", ("21 1770 0100", "+30 694 000 0123"), "GR", "Ελληνικά", "",
        "eleni@example.com", "Οδός Μυρτιάς 9, 115 28 Αθήνα", "Ασφάλεια κατοικίας, από το 2018",
        ("Σεισμός",), "Καλεί συνήθως το απόγευμα.",
        (Case("Ζημιά από πλημμύρα: φάκελος 77-310"),),
        (PastContact(1, "Ρώτησε για την πορεία της αποζημίωσης", "Θα την καλέσουμε"),
         PastContact(60, "Αλλαγή τραπεζικού λογαριασμού", "Ολοκληρώθηκε")),
    ),
    DemoCustomer(
        "C005", "נועה בן־דוד", ("03-755-0100", "+972 50 000 0123"), "IL", "עברית", "גן־ניר בע״מ",
        "noa@example.org", "רחוב האלון 3, תל אביב", "ביטוח דירה ורכב", ("VIP",), "מבקשת תשובה בכתב.",
        (Case("תביעה 4471: נזקי סערה"),),
        (PastContact(3, "שלחה תמונות של הגג", "הועבר לשמאי"),),
    ),
    DemoCustomer(
        "C006", "Robert Adeyemi", ("(212) 555-0142",), "US", "English", "Adeyemi Catering",
        "rob@adeyemi.example.com", "88 Quarry St, New York", "Business Protect", ("Business",), "",
        (Case("Invoice 2217 paid twice"),),
        (PastContact(20, "Asked for a copy of the policy", "Sent by mail"),),
    ),
    DemoCustomer(
        "C007", "Anneliese Brandt", ("089 / 99998-017",), "DE", "Deutsch", "", "a.brandt@example.net",
        "Am Anger 3, 81541 München", "Neukundin", ("Neu",), "", (), (),
    ),
    DemoCustomer(
        "C008", "Karl Brandt", ("+498999998017",), "DE", "Deutsch", "", "k.brandt@example.net",
        "Am Anger 3, 81541 München", "Stammkunde seit 2001", ("Stammkunde",), "Gleiche Nummer wie Anneliese.",
        (), (PastContact(400, "Katalog angefordert", "Versendet"),),
    ),
    DemoCustomer(
        "C009", "Margaret O’Sullivan", ("020 7946 0777",), "GB", "English", "", "m.osullivan@example.org",
        "2 Harbour Steps, London SE1", "Motor, comprehensive", ("Silver",), "Keeps two policies.",
        (Case("Windscreen cracked"),), (PastContact(9, "Windscreen: garage booked", "Appointment made"),),
    ),
    DemoCustomer(
        "C010", "Luca & Sara De Santis", ("06 7755 0100",), "IT", "Italiano", "Panificio De Santis",
        "info@desantis.example.com", "Via Merulana 140, 00185 Roma", "Soccorso Flotta, 3 furgoni",
        ("Flotta",), "", (), (PastContact(33, "Batteria scarica, avviato sul posto", "Intervento concluso"),),
    ),
    DemoCustomer(
        "C011", "Νίκος Αλεξίου", ("+30 21 0555 0123",), "GR", "Ελληνικά", "Αλεξίου ΑΕ", "nikos@example.net",
        "Τσιμισκή 88, 546 22 Θεσσαλονίκη", "Επαγγελματική στέγη", ("Επιχείρηση",), "", (),
        (PastContact(120, "Προσφορά για νέο συμβόλαιο", "Σε εκκρεμότητα"),),
    ),
    DemoCustomer(
        "C012", "Yosef Mizrahi · יוסף מזרחי", ("+972-2-600-0123",), "IL", "עברית", "",
        "y.mizrahi@example.com", "רחוב יפו 201, ירושלים", "ביטוח רכב", (), "", (Case("החלפת שמשה"),), (),
    ),
    DemoCustomer(
        "C013", "Zoë Claessens", ("+32 2 555 12 12",), "BE", "Nederlands", "", "zoe@example.org",
        "Bosstraat 5, 1000 Brussel", "Klant sinds 2020", (), "", (), (),
    ),
    DemoCustomer(
        "C014", "Łukasz Wiśniewski", ("+48 22 555 01 42",), "PL", "Polski", "", "lukasz@example.com",
        "ul. Jodłowa 4, 00-001 Warszawa", "Umowa 2022/118", (), "", (), (),
    ),
    DemoCustomer(
        "C015", "Camille Lefèvre", ("01 41 99 00 12",), "FR", "Français", "Atelier Lefèvre",
        "camille@lefevre.example.net", "8 rue des Acacias, 75017 Paris", "Assurance habitation", ("Or",), "",
        (Case("Dégât des eaux, dossier 12-88"),), (PastContact(11, "Envoi du constat", "Reçu"),),
    ),
    DemoCustomer(
        "C016", "Íñigo Echeverría Núñez", ("910 55 01 00",), "ES", "Español", "", "inigo@example.org",
        "Calle del Roble 31, 28004 Madrid", "Hogar", (), "", (), (),
    ),
    DemoCustomer(
        "C017", "Aino Virtanen", ("+358 40 123 4567",), "FI", "Suomi", "", "aino@example.com",
        "Koivukuja 2, 00100 Helsinki", "Kotivakuutus", (), "", (), (),
    ),
    DemoCustomer(
        "C018", "Maximilian Gruber", ("0043 1 234500100",), "AT", "Deutsch", "Gruber Holzbau",
        "max@gruber.example.net", "Tannengasse 12, 1150 Wien", "Firmenkonto", ("Firma", "Rechnung"), "",
        (Case("Lieferung verspätet"),), (PastContact(4, "Nachfrage zur Lieferung", "Rückruf zugesagt"),),
    ),
    DemoCustomer(
        "C019", "Fatima El-Sayed", ("+44 20 7946 0355",), "GB", "English", "", "fatima@example.org",
        "61 Orchard Way, London W5", "Home, tenant", (), "", (), (),
    ),
    DemoCustomer(
        "C020", "Chukwuemeka Obi", ("+1 613 555 0142",), "CA", "English", "Obi Freight", "c.obi@example.com",
        "5 Mill Pond Rd, Ottawa", "Fleet", ("Fleet",), "", (), (PastContact(70, "Added two vans", "Done"),),
    ),
    DemoCustomer(
        "C021", "Beatrix Zürcher", ("044 364 00 00",), "CH", "Deutsch", "", "b.zuercher@example.net",
        "Ahornweg 6, 8006 Zürich", "Kundin seit 2016", (), "", (), (),
    ),
    DemoCustomer(
        "C022", "Marco Bianchi", ("055 012 3456",), "IT", "Italiano", "", "marco@example.com",
        "Via Romana 17, 50125 Firenze", "Soccorso Base, targa FB 107 TL", (), "", (), (),
    ),
    DemoCustomer(
        "C023", "Marco Bianchi (padre)", ("+39 055 0123456", "320 000 1234"), "IT", "Italiano", "", "",
        "Via Romana 17, 50125 Firenze", "Soccorso Base, targa ER 555 PZ", ("Senior",), "", (), (),
    ),
    DemoCustomer(
        "C024", "Sophie Dubois", ("+33 1 41 99 00 77",), "FR", "Français", "", "sophie@example.net",
        "3 place du Marché, 69001 Lyon", "Assurance auto", (), "", (), (),
    ),
    DemoCustomer(
        "C025", "Thomas Lindqvist", ("+46 8 5555 0100",), "SE", "Svenska", "", "thomas@example.org",
        "Björkgatan 19, Stockholm", "Hemförsäkring", (), "", (), (),
    ),
    DemoCustomer(
        "C026", "Ιωάννα Σταθοπούλου", ("690 000 0123",), "GR", "Ελληνικά", "", "ioanna@example.com",
        "Λεωφόρος Δάφνης 4, 262 21 Πάτρα", "Ασφάλεια αυτοκινήτου", (), "", (), (),
    ),
    DemoCustomer(
        "C027", "Dieter <b>Kranz</b>", ("+49 221 4710 011",), "DE", "Deutsch", "Kranz & Söhne <OHG>",
        "dieter@example.org", "Weidengasse 1, 50668 Köln", "Sammelrechnung", ("Firma",),
        "So steht es im alten System: <script>alert('Kranz')</script>", (), (),
    ),
    DemoCustomer(
        "C028", "Priya Raman", ("+44 (0)20 7946 0902",), "GB", "English", "Raman Dental", "priya@example.com",
        "30 Chestnut Pl, London NW3", "Practice cover", ("Business",), "", (), (),
    ),
    DemoCustomer(
        "C029", "Helene Voß-Petersen", ("040 66969-123",), "DE", "Deutsch", "", "hvp@example.net",
        "Elbkoppel 40, 22609 Hamburg", "Kundin seit 2012", (), "",
        (Case("Gutschrift fehlt"),), (PastContact(8, "Reklamation Teekanne", "Gutschrift zugesagt"),),
    ),
    DemoCustomer(
        "C030", "Abigail Stone", ("069 90009 123", "+1 212 555 0199"), "DE", "English", "",
        "abigail@example.org", "Buchenring 55, 60322 Frankfurt", "Customer since 2023",
        ("English please",), "", (), (),
    ),
    DemoCustomer(
        "C031", "דניאל כץ", ("+972 3 555 0123",), "IL", "עברית", "", "daniel@example.net",
        "שדרות הברוש 12, חיפה", "ביטוח דירה", (), "", (), (),
    ),
    DemoCustomer(
        "C032", "Elif Yıldırım", ("0171 3920017",), "DE", "Deutsch", "", "elif@example.com",
        "Kastanienweg 9, 70190 Stuttgart", "Kundin seit 2021", ("App",), "", (), (),
    ),
)  # fmt: skip
