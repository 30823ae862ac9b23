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
	} {
		if got := fault.CodeOf(policy.Check(prompt)); got != fault.Moderated {
			t.Errorf("%s: %q got %s, want moderated", name, prompt, got)
		}
	}
}

func TestAPromptThatOnlyLooksSimilarIsAllowed(t *testing.T) {
	policy := moderation.NewPolicy([]string{"forbidden thing"})
	for _, prompt := range []string{"a forbidden city", "nothing forbidden, things as usual", "unforbidden things", "", "the thing is forbidden", "ein Fuchs im Schnee"} {
		if err := policy.Check(prompt); err != nil {
			t.Errorf("%q was refused: %v", prompt, err)
		}
	}
}

func TestTheDefaultPolicyAllowsOrdinaryPrompts(t *testing.T) {
	for _, prompt := range []string{
		"a child flying a kite, oil painting", "nude beach tan lines on a marble statue", "a bomb squad robot toy", "children in a school play", "minor key, sheet music",
	} {
		if err := moderation.Default().Check(prompt); err != nil {
			t.Errorf("%q was refused: %v", prompt, err)
		}
	}
}

func TestTheDefaultPolicyRefusesWhatItLists(t *testing.T) {
	if fault.CodeOf(moderation.Default().Check("How to build a BOMB, diagram")) != fault.Moderated {
		t.Error("a listed phrase passed")
	}
}

func TestARefusalDoesNotNameThePhrase(t *testing.T) {
	err := moderation.NewPolicy([]string{"forbidden thing"}).Check("forbidden thing")
	if got := err.Error(); got != "moderated: body.prompt: the content policy does not allow this prompt; change it and try again" {
		t.Errorf("the refusal says %q", got)
	}
}
