package auth

import (
	"os"
	"runtime"
	"sync"
)

// Where Go has one processor, it runs a hash for 10 ms before anybody else, and asks the network for
// requests no more often. While passwords are hashed there it counts hashingProcessors, one for a hash,
// one for the garbage collector, which the memory of each hash sets off, and one for all others: the
// system then shares the real one, and has whoever asks for little come first. Where somebody has chosen one of
// several, it so takes more of them meanwhile.
const hashingProcessors = 3

// hashing is how many passwords are being hashed in this process.
var hashing struct {
	sync.Mutex
	count int
	isOne bool // whether Go had one processor when the first began
}

// processors returns how many Go has, without those that are there for a hash.
func processors() int {
	hashing.Lock()
	defer hashing.Unlock()
	if hashing.count > 0 && hashing.isOne {
		return 1
	}
	return runtime.GOMAXPROCS(0)
}

// beginHashing is called before a hash, and endHashing after it.
func beginHashing() {
	hashing.Lock()
	defer hashing.Unlock()
	if hashing.count++; hashing.count > 1 {
		return
	}
	if hashing.isOne = runtime.GOMAXPROCS(0) == 1; hashing.isOne {
		runtime.GOMAXPROCS(hashingProcessors)
	}
}

func endHashing() {
	hashing.Lock()
	defer hashing.Unlock()
	if hashing.count--; hashing.count > 0 || !hashing.isOne {
		return
	}
	if os.Getenv("GOMAXPROCS") != "" || runtime.NumCPU() > 1 { // somebody chose the one
		runtime.GOMAXPROCS(1)
	} else {
		runtime.SetDefaultGOMAXPROCS() // and Go goes on to follow what a container may use
	}
}
