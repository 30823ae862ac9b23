package upload_test

import (
	"errors"
	"slices"
	"testing"

	"darkroom/shared/fault"
	"darkroom/shared/upload"
)

func of(roles ...upload.Role) (inputs []upload.Input) {
	for _, role := range roles {
		inputs = append(inputs, upload.Input{Upload: upload.NewID(ulid), Role: role})
	}
	return inputs
}

func TestEveryModeTakesTheRolesThatMakeSenseInIt(t *testing.T) {
	t.Parallel()
	const s, r, m = upload.Source, upload.Reference, upload.Mask
	for _, c := range []struct {
		mode   string
		inputs []upload.Input
		field  string // at fault; empty: allowed
	}{
		{"text", nil, ""},
		{"text", of(r), "body.inputs[0].role"},
		{"edit", of(s), ""},
		{"edit", of(m, r, s), ""},
		{"edit", of(s, s), "body.inputs[1].role"},
		{"edit", of(s, m, m), "body.inputs[2].role"},
		{"edit", of(r), "body.inputs"},
		{"edit", nil, "body.inputs"},
		{"edit", of(s, "depth"), "body.inputs[1].role"},
		{"reference", of(r), ""},
		{"reference", slices.Repeat(of(r), 16), ""},
		{"reference", slices.Repeat(of(r), 17), "body.inputs[16].role"},
		{"reference", of(r, s), "body.inputs[1].role"},
		{"reference", of(r, m), "body.inputs[1].role"},
		{"reference", nil, "body.inputs"},
	} {
		field := ""
		var refusal *fault.Error
		if err := upload.CheckRoles(c.mode, c.inputs); errors.As(err, &refusal) {
			field = refusal.Field
		}
		if field != c.field {
			t.Errorf("%s with %v: refused for %q, want %q", c.mode, c.inputs, field, c.field)
		}
	}
}

func TestOnlyReadyUploadsAndFittingMasksAreInputs(t *testing.T) {
	t.Parallel()
	with := func(change func(*upload.Upload)) *upload.Upload {
		u := announced(t)
		u.State, u.Width, u.Height, u.Alpha = upload.Ready, 30, 20, true
		change(u)
		return u
	}
	good := with(func(*upload.Upload) {})
	for name, c := range map[string]struct {
		second *upload.Upload
		role   upload.Role
		want   fault.Code // empty: allowed
	}{
		"a reference":              {with(func(u *upload.Upload) { u.Width = 900 }), upload.Reference, ""},
		"a mask of the same size":  {good, upload.Mask, ""},
		"none":                     {nil, upload.Reference, fault.NotFound},
		"an expired one":           {with(func(u *upload.Upload) { u.ExpiresAt = now.UnixMilli() }), upload.Reference, fault.NotFound},
		"a rejected one":           {with(func(u *upload.Upload) { u.State = upload.Rejected }), upload.Reference, fault.InvalidImage},
		"one that is not complete": {with(func(u *upload.Upload) { u.State = upload.Waiting }), upload.Reference, fault.Conflict},
		"of a state of later":      {with(func(u *upload.Upload) { u.State = "scanning" }), upload.Reference, fault.Conflict},
		"a mask turned by 90°":     {with(func(u *upload.Upload) { u.Width, u.Height = 20, 30 }), upload.Mask, fault.InvalidImage},
		"a mask without alpha":     {with(func(u *upload.Upload) { u.Alpha = false }), upload.Mask, fault.InvalidImage},
		"a mask as WebP":           {with(func(u *upload.Upload) { u.ContentType = "image/webp" }), upload.Mask, fault.InvalidImage},
	} {
		for first, second := range map[int]int{0: 1, 1: 0} { // the order does not matter
			inputs, found := make([]upload.Input, 2), make([]*upload.Upload, 2)
			inputs[first], found[first] = upload.Input{Role: upload.Source}, good
			inputs[second], found[second] = upload.Input{Role: c.role}, c.second
			err := upload.CheckInputs(inputs, found, now)
			if (err == nil) != (c.want == "") || err != nil && fault.CodeOf(err) != c.want {
				t.Errorf("a source at %d and %s: %v, want %q", first, name, err, c.want)
			}
		}
	}
}
