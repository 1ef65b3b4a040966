"""Who plays in the demo: the vendor's staff, three organizations that it serves, and two people from elsewhere."""

from dataclasses import dataclass

# Everybody's password, published on purpose: `doctor` warns where it opens doors to other machines.
PUBLISHED = "answerable-demo"


@dataclass(frozen=True)
class Player:
    """One account. `organization`: a key of COMPANIES, "" for staff and strangers; `teams`: keys of the policy."""

    key: str
    email: str
    name: str
    role: str = "customer"
    organization: str = ""
    teams: tuple[str, ...] = ()
    zone: str = ""


@dataclass(frozen=True)
class Company:
    """A customer organization, looked after by the CSM."""

    key: str
    name: str
    domains: tuple[str, ...]
    plan: str
    zone: str


COMPANIES = (
    Company("norrland", "Norrland Energi", ("norrland.example", "norrland-nat.example"), "premium", "Europe/Stockholm"),
    Company("kivu", "Kivu Bank", ("kivubank.example",), "premium", "Africa/Kigali"),
    Company("roche", "Atelier Roche", ("atelier-roche.example",), "standard", "Europe/Paris"),
)

ADMIN, CSM = "ada", "maria"
# Reads all of Norrland's requests: the CSM granted it.
READER, READS = "holm", "norrland"

PLAYERS = (
    Player("tomas", "agent@acme.example", "Tomas Kral", "agent", teams=("cloud",), zone="Europe/Prague"),
    Player("anna", "anna@acme.example", "Anna Lehto", "agent", teams=("product",), zone="Europe/Helsinki"),
    Player("sam", "sam@acme.example", "Sam Okafor", "agent", teams=("devops",), zone="Europe/London"),
    Player("priya", "lead@acme.example", "Priya Nair", "lead", teams=("cloud", "devops"), zone="Europe/Berlin"),
    Player("maria", "csm@acme.example", "Maria Costa", "csm", zone="Europe/Lisbon"),
    Player("ada", "admin@acme.example", "Ada Lind", "admin", zone="Europe/Stockholm"),
    Player("elin", "elin@norrland.example", "Elin Berg", organization="norrland", zone="Europe/Stockholm"),
    Player("lund", "lund@norrland.example", "Anders Lund", organization="norrland", zone="Europe/Stockholm"),
    Player("holm", "holm@norrland.example", "Johanna Holm", organization="norrland", zone="Europe/Stockholm"),
    Player("nils", "nils@norrland.example", "Nils Ek", organization="norrland", zone="Europe/Stockholm"),
    Player("mbeki", "mbeki@kivubank.example", "Joseph Mbeki", organization="kivu", zone="Africa/Kigali"),
    Player("otieno", "otieno@kivubank.example", "Akinyi Otieno", organization="kivu", zone="Africa/Kigali"),
    Player("uwase", "uwase@kivubank.example", "Grace Uwase", organization="kivu", zone="Africa/Kigali"),
    Player("marc", "marc@atelier-roche.example", "Marc Roche", organization="roche", zone="Europe/Paris"),
    Player("claire", "claire@atelier-roche.example", "Claire Dubois", organization="roche", zone="Europe/Paris"),
    Player("tane", "r.tane@pacificfreight.example", "Rangi Tane", zone="Pacific/Auckland"),
    Player("novak", "p.novak@havel.example", "Petr Novák", zone="Europe/Prague"),
)

# Who is worth logging in as, and what they show.
LOG_INS = (
    ("agent@acme.example", "an agent at the desk"),
    ("lead@acme.example", "a team lead"),
    ("csm@acme.example", "the customer success manager"),
    ("admin@acme.example", "an administrator"),
    ("elin@norrland.example", "a customer with requests of her own"),
    ("holm@norrland.example", "a customer who may read all of Norrland's"),
    ("nils@norrland.example", "a customer who may not"),
)
