package moderation

import (
	"strings"
	"unicode"

	"go.mau.fi/util/confusable"
	"golang.org/x/text/unicode/norm"
)

// text is what is left of a prompt when the usual disguises are undone.
type text struct {
	spaced string       // its words, with a space before and after each
	joined string       // the same without spaces
	edges  map[int]bool // where in joined a word begins or ends
}

// normalise undoes compatibility forms, accents, upper case, look-alike letters, invisible characters, and any separator between words.
func normalise(raw string) text {
	for range 2 { // a capital may look like another letter than its small form does, and a look-alike may have one in turn
		raw = strings.ToLower(latin(raw))
	}
	raw = oneStroke.Replace(raw)
	t := text{edges: map[int]bool{0: true}}
	words := strings.FieldsFunc(raw, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var joined strings.Builder
	for _, word := range words {
		joined.WriteString(word)
		t.edges[joined.Len()] = true
	}
	t.joined = joined.String()
	t.spaced = " " + strings.Join(words, " ") + " "
	return t
}

// oneStroke takes an upright stroke for one letter: a 1 stands for i and for l.
var oneStroke = strings.NewReplacer("i", "l")

// latin writes letters as the Latin ones that they are drawn like.
func latin(raw string) string {
	var plain strings.Builder
	runes := []rune(norm.NFKD.String(raw))
	for i, r := range runes {
		switch own, known := drawn[r]; {
		case unicode.In(r, invisible...):
		case known:
			plain.WriteString(own)
		case (r == '!' || r == '|') && i+1 < len(runes) && unicode.IsLetter(runes[i+1]): // "ch!ld", and not the end of a sentence
			plain.WriteByte('l')
		case r <= unicode.MaxASCII:
			plain.WriteRune(r) // the table would make "rn" of "m"
		default:
			plain.WriteString(lookAlike(r))
		}
	}
	return plain.String()
}

// invisible are accents and enclosing marks, which change no letter, and characters that are not shown at all.
var invisible = []*unicode.RangeTable{unicode.Mn, unicode.Me, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point}

// alphabets are letters from A to Z in frames, by the first of them, for which Unicode has no compatibility form.
var alphabets = []rune{'\U0001F150', '\U0001F170', '\U0001F1E6'}

// lookAlike asks Unicode's table of confusable characters (UTS 39), which is much longer than one of our own would be.
func lookAlike(r rune) string {
	for _, first := range alphabets {
		if first <= r && r < first+26 {
			return string('a' + r - first)
		}
	}
	like := confusable.GetReplacement(r)
	if like == "" {
		return string(r)
	}
	return strings.ReplaceAll(norm.NFKD.String(like), "rn", "m")
}

// drawn is what that table leaves out: digits and signs that are read as letters, small capitals, and the forms to which it takes Cyrillic and Greek letters.
var drawn = table("0o 1l 3e 4a 5s 7t 8b 9g @a $s €e " +
	"ᴀa ʙb ᴅd ᴇe ꜰf ɢg ʜh ᴊj ᴋk ʟl ᴍm ɴn ᴘp ʀr ᴛt " +
	"ĸk ʍm ßb ꞓe ẟd ςc ʌa ɸo")

func table(pairs string) map[rune]string {
	made := map[rune]string{}
	for pair := range strings.FieldsSeq(pairs) {
		runes := []rune(pair)
		made[runes[0]] = string(runes[1:])
	}
	return made
}
