package model_test

import (
	"encoding/base64"
	"testing"

	"github.com/ownql/ownql/model"
)

const aUserID = "01934b6e-7c00-7000-8000-000000000001"

func TestParseGlobalID(t *testing.T) {
	user := model.GlobalID("User", aUserID)
	typeName, id, ok := model.ParseGlobalID(user)
	if !ok || typeName != "User" || id != aUserID {
		t.Errorf("got %q, %q, %v of the user's own global id", typeName, id, ok)
	}
	encode := base64.StdEncoding.EncodeToString
	for _, test := range []struct{ name, id string }{
		{"empty", ""},
		{"no base64", "user 1"},
		{"the id alone", aUserID},
		{"no type", encode([]byte(":" + aUserID))},
		{"no id", encode([]byte("User:"))},
		{"no colon", encode([]byte("User"))},
		{"an id in upper case", encode([]byte("User:01934B6E-7C00-7000-8000-000000000001"))},
		{"an id in braces", encode([]byte("User:{" + aUserID + "}"))},
		{"without padding", "VXNlcjo"},
		{"with a line break", user[:8] + "\n" + user[8:]},
		{"with another last letter for the same bytes", "VXNlcjowMTkzNGI2ZS03YzAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDF="},
	} {
		t.Run(test.name, func(t *testing.T) {
			if typeName, id, ok := model.ParseGlobalID(test.id); ok {
				t.Errorf("%q is taken for %s %s", test.id, typeName, id)
			}
		})
	}
}

func FuzzParseGlobalID(f *testing.F) {
	f.Add(model.GlobalID("User", aUserID))
	f.Add("VXNlcjo=")
	f.Add("Og==")
	f.Add("")
	f.Fuzz(func(t *testing.T, global string) {
		typeName, id, ok := model.ParseGlobalID(global)
		if ok && base64.StdEncoding.EncodeToString([]byte(typeName+":"+id)) != global {
			t.Errorf("%q, taken apart into %q and %q, is not what they make", global, typeName, id)
		}
	})
}
