package auth

import (
	"runtime"
	"testing"
)

func TestHashingProcessors(t *testing.T) {
	t.Setenv("GOMAXPROCS", "1") // what is to be there again
	defer runtime.SetDefaultGOMAXPROCS()
	runtime.GOMAXPROCS(1)
	passwords := NewPasswords()
	first, err := passwords.turn(t.Context(), asker{account: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if n := runtime.GOMAXPROCS(0); n != hashingProcessors {
		t.Errorf("Go has %d processors while one hashes", n)
	}
	if n := processors(); n != 1 {
		t.Errorf("without them there are %d", n)
	}
	beginHashing() // of other Passwords
	first()
	if n := runtime.GOMAXPROCS(0); n != hashingProcessors {
		t.Errorf("Go has %d processors while the other hashes", n)
	}
	endHashing()
	if n := runtime.GOMAXPROCS(0); n != 1 {
		t.Errorf("Go has %d processors when nobody hashes", n)
	}
}

func TestHashingProcessorsOfMore(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	beginHashing()
	defer endHashing()
	if n := runtime.GOMAXPROCS(0); n != 4 {
		t.Errorf("Go has %d processors of 4 while one hashes", n)
	}
}
