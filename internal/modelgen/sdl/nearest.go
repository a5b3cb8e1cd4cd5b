package sdl

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest returns the known name that another is almost, or nothing.
func Nearest(name string, known []string) string {
	nearest, least := "", 2 // how many letters differ
	if len(name) > 3 {
		least = 3
	}
	for _, candidate := range known {
		if distance := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(candidate)); distance < least {
			nearest, least = candidate, distance
		}
	}
	return nearest
}
