package plausible

// The words that texts are made of. They are ours, and few, so that they add nothing to what a project compiles.
var (
	firstNames = []string{
		"Ada", "Alan", "Amara", "Anton", "Barbara", "Bao", "Carmen", "Chidi", "Clara", "Dana", "Diego", "Edith", "Elif", "Emil", "Fatima", "Felix",
		"Grace", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kamal", "Karin", "Leila", "Linus", "Lucia", "Marie", "Mateo", "Mina", "Nadia",
		"Nils", "Noor", "Olga", "Omar", "Paula", "Pavel", "Priya", "Quentin", "Rosa", "Ruben", "Sara", "Samir", "Tara", "Tomas", "Uma", "Viktor",
		"Wanda", "Xenia", "Yara", "Yusuf", "Zoe", "Zoltan",
	}
	lastNames = []string{
		"Abebe", "Adler", "Almeida", "Bauer", "Bergstrom", "Castillo", "Chen", "Dahl", "Diaz", "Eriksen", "Fischer", "Fontaine", "Garcia", "Gruber",
		"Haddad", "Hansen", "Ito", "Jensen", "Kaya", "Keller", "Kovacs", "Larsen", "Lehmann", "Lopez", "Mancini", "Moreau", "Nagy", "Novak", "Okafor",
		"Olsen", "Patel", "Peeters", "Quist", "Rahman", "Rossi", "Santos", "Schmid", "Silva", "Tanaka", "Tran", "Ueda", "Vargas", "Vogel", "Weber",
		"Wolf", "Yilmaz", "Young", "Zimmer",
	}
	adjectives = []string{
		"amber", "bold", "bright", "broad", "calm", "clear", "cold", "crisp", "early", "fast", "fine", "fresh", "gentle", "golden", "green", "hidden",
		"large", "late", "light", "lively", "long", "narrow", "new", "northern", "open", "plain", "quick", "quiet", "red", "round", "sharp", "silent",
		"silver", "simple", "small", "smooth", "soft", "solid", "southern", "steady", "sunny", "warm", "wide", "young",
	}
	nouns = []string{
		"anchor", "archive", "basket", "bicycle", "bridge", "calendar", "camera", "catalogue", "compass", "counter", "door", "engine", "field", "garden",
		"harbour", "invoice", "kettle", "ladder", "lamp", "ledger", "letter", "library", "map", "market", "meadow", "mirror", "notebook", "orchard",
		"parcel", "pencil", "picture", "platform", "printer", "receipt", "report", "river", "roof", "screen", "shelf", "signal", "station", "table",
		"ticket", "timer", "tower", "valley", "wheel", "window", "workshop",
	}
	verbs = []string{
		"adjust", "arrange", "book", "build", "check", "clean", "collect", "compare", "count", "deliver", "describe", "draw", "extend", "find", "fix",
		"improve", "label", "measure", "mend", "move", "order", "paint", "plan", "prepare", "print", "rename", "repair", "replace", "review", "sort",
		"test", "translate", "update", "write",
	}
	endings = []string{
		"before the weekend", "for the new office", "in the morning", "after the meeting", "with the team", "as we agreed", "for the spring", "on the second floor",
		"without a delay", "at the old price", "next to the entrance", "until it is finished",
	}
	companies = []string{"Works", "Studio", "Partners", "Collective", "Bakery", "Logistics", "Press", "Supply", "Labs", "Garage", "Cooperative", "Trading"}
	cities    = []string{"Aarhus", "Bergen", "Bologna", "Brno", "Cork", "Dakar", "Ghent", "Graz", "Haifa", "Kyoto", "Leeds", "Lima", "Lyon", "Malaga", "Nairobi", "Oslo", "Pune", "Quito", "Riga", "Seoul", "Tartu", "Turin", "Utrecht", "Vilnius"}
	countries = []string{"Austria", "Belgium", "Chile", "Denmark", "Estonia", "France", "Ghana", "India", "Ireland", "Italy", "Japan", "Kenya", "Latvia", "Norway", "Peru", "Portugal", "Spain", "Sweden"}
	tags      = []string{"bug", "customer", "design", "docs", "easy", "finance", "idea", "later", "legal", "mobile", "performance", "question", "security", "support", "urgent", "wording"}
)
