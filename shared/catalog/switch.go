package catalog

import "darkroom/shared/transition"

// Switch is an operator's word on a provider. A provider without a row is on.
type Switch struct {
	Provider string
	On       bool
	Reason   string
	By       string
	At       int64 // milliseconds since 1970; 0: never switched
}

// SwitchKey is where a provider's row lies.
func SwitchKey(provider string) transition.Key {
	return transition.Key{Table: transition.Tasks, PK: "B#" + provider, SK: "B"}
}

// SwitchFrom reads a provider's row; nil is a provider that was never switched.
func SwitchFrom(provider string, item transition.Item) Switch {
	if item == nil {
		return Switch{Provider: provider, On: true}
	}
	return Switch{Provider: provider, On: item.Flag("enabled"), Reason: item.Text("reason"), By: item.Text("by"), At: item.Int("at")}
}

// Item is how a provider's row is stored.
func (s Switch) Item() transition.Item {
	return transition.Item{"enabled": s.On, "reason": s.Reason, "by": s.By, "at": s.At, "failures": int64(0), "open_until": int64(0), "down": false, "v": int64(1)}
}

// P1 switches a provider on or off.
var P1 = &transition.Row{ID: "P1", Name: "switch", Effects: []transition.Effect{
	transition.Set("enabled", transition.Param("enabled")), transition.Set("reason", transition.Param("reason")),
	transition.Set("by", transition.Param("by")), transition.Set("at", transition.Param("at")),
}}

// Write applies P1.
func (s Switch) Write() transition.Write {
	return transition.Write{Key: SwitchKey(s.Provider), Row: P1, Args: transition.Args{"enabled": s.On, "reason": s.Reason, "by": s.By, "at": s.At}}
}
