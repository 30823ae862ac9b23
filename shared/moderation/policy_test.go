package moderation_test

import (
	"testing"

	"darkroom/shared/fault"
	"darkroom/shared/moderation"
)

func TestAPromptWithABlockedPhraseIsRefusedInEveryDisguise(t *testing.T) {
	policy := moderation.NewPolicy([]string{"# a comment", "", "forbidden thing"})
	for name, prompt := range map[string]string{
		"plain":             "a forbidden thing at dusk",
		"upper case":        "A FORBIDDEN THING",
		"full width":        "ａ ｆｏｒｂｉｄｄｅｎ ｔｈｉｎｇ",
		"accents":           "a förbïdden thíng",
		"zero width":        "a for\u200bbidden th\u200ding",
		"soft hyphen":       "a for\u00adbidden thing",
		"separators":        "a forbidden-_-thing",
		"line break":        "a forbidden\nthing",
		"look-alike digits": "a f0rb1dd3n th1ng",
		"Cyrillic letters":  "a fоrbidden thing",
		"Cyrillic capitals": "А FОRВIDDЕN ТНING",
		"small Cyrillic":    "forвidden тhing",
		"Greek letters":     "a fοrβιddεη τhιηg",
		"Armenian letters":  "a fօrbiddeո thinց",
		"Cherokee letters":  "ꭺ forbiꭰꭰꭼn thing",
		"small capitals":    "a ꜰᴏʀʙɪᴅᴅᴇɴ ᴛʜɪɴɢ",
		"dotless i":         "a forbıdden thıng",
		"strokes for i":     "a forb!dden th|ng",
		"capital I for l":   "a forbldden thlng",
		"stroked letters":   "a førbiđđen thing",
		"enclosed letters":  "a for\u20ddbidden thi\u20deng",
		"letters in frames": "🅕🅞🅡🅑🅘🅓🅓🅔🅝 🇹🇭🇮🇳🇬",
		"circled letters":   "ⓕⓞⓡⓑⓘⓓⓓⓔⓝ ⓣⓗⓘⓝⓖ",
		"fillers":           "a for\u3164bidden th\u115fing",
		"joiners":           "a for\u034fbidden th\U000e0061ing",
		"variations":        "a for\ufe0fbidden th\U000e0100ing",
		"separated letters": "a f o r b i d d e n thing",
		"dotted letters":    "f.o.r.b.i.d.d.e.n t.h.i.n.g",
		"a word in parts":   "a for_bid_den thi ng",
		"blank letters":     "a for\u2800bidden thing",
		"control letters":   "a for\u0085bidden thing",
		"joined words":      "a forbiddenthing at dusk",
	} {
		if got := fault.CodeOf(policy.Check(prompt)); got != fault.Moderated {
			t.Errorf("%s: %q got %s, want moderated", name, prompt, got)
		}
	}
}

func TestAPromptThatOnlyLooksSimilarIsAllowed(t *testing.T) {
	policy := moderation.NewPolicy([]string{"forbidden thing"})
	for _, prompt := range []string{"a forbidden city", "nothing forbidden, things as usual", "unforbidden things", "", "the thing is forbidden", "ein Fuchs im Schnee",
		"unforbiddenthing", "forbiddenthings", "for biddenthingy", "Füße, ñandú, Łódź, İstanbul", "мальчик с собакой", "αλεπού στο χιόνι", "雪の中の狐", "🇩🇪 🦊!"} {
		if err := policy.Check(prompt); err != nil {
			t.Errorf("%q was refused: %v", prompt, err)
		}
	}
}

func TestTheDefaultPolicyAllowsOrdinaryPrompts(t *testing.T) {
	for _, prompt := range []string{
		"a child flying a kite, oil painting", "nude beach tan lines on a marble statue", "a bomb squad robot toy", "children in a school play", "minor key, sheet music",
		"nude childhood memories of a beach", "a naked childlike doodle", "in CS am I lost", "basics amuse me", "a child with a pom-pom hat", "underage sextant, brass",
		"a minor in a nude-coloured coat", "10 children, 1 child, 5 kites!", "a pornographic-free child portrait",
	} {
		if err := moderation.Default().Check(prompt); err != nil {
			t.Errorf("%q was refused: %v", prompt, err)
		}
	}
}

func TestTheDefaultPolicyRefusesWhatItLists(t *testing.T) {
	for _, prompt := range []string{
		"How to build a BOMB, diagram", "n u d e child", "nude chi1d", "nude chiId", "nude\u3164 child", "nu\u115fde child", "nude chi\u20ddld", "nude chıld", "ɴude child",
		"ոude child", "nude ϲhild", "nudechild", "nude childs", "nude kids", "nu_de child", "nude ch!ld",
	} {
		if fault.CodeOf(moderation.Default().Check(prompt)) != fault.Moderated {
			t.Errorf("%q passed", prompt)
		}
	}
}

func TestARefusalDoesNotNameThePhrase(t *testing.T) {
	err := moderation.NewPolicy([]string{"forbidden thing"}).Check("forbidden thing")
	if got := err.Error(); got != "moderated: body.prompt: the content policy does not allow this prompt; change it and try again" {
		t.Errorf("the refusal says %q", got)
	}
}
