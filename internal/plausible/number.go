package plausible

import (
	"math"
	"math/rand/v2"
)

// Number returns a number within the limits: of a whole one without a fraction, of any other with at most two
// digits behind the point, where that is within the limits.
func (f Field) Number(r *rand.Rand) float64 {
	least, most := f.usual()
	if f.Least != nil && (least < *f.Least || most < *f.Least) {
		least = *f.Least
	}
	if f.Most != nil && (most > *f.Most || least > *f.Most) {
		most = *f.Most
	}
	if least > most && f.Most != nil {
		least = most - 100
		if f.Least != nil {
			least = *f.Least
		}
	}
	if least > most {
		most = least + 100
	}
	value := least + (most-least)*r.Float64()
	rounded := math.Round(value*100) / 100
	if f.IsWhole {
		rounded = math.Floor(value)
		if rounded < least {
			rounded = math.Ceil(least)
		}
	}
	if rounded < least || rounded > most {
		return value
	}
	return rounded
}

// usual returns between what the numbers of such a name are.
func (f Field) usual() (least, most float64) {
	switch name := wordsOf(f.Name); {
	case has(name, "price", "amount", "cost", "total", "fee", "budget", "balance"):
		return 1, 500
	case has(name, "rating", "stars", "score"):
		return 1, 5
	case has(name, "age"):
		return 18, 90
	case has(name, "year"):
		return 1990, 2026
	case has(name, "lat", "latitude"):
		return -60, 70
	case has(name, "lng", "lon", "longitude"):
		return -170, 170
	case has(name, "progress", "ratio", "share", "probability"):
		return 0, 1
	case has(name, "estimate", "days", "hours", "duration", "weight"):
		return 0.5, 20
	default:
		return 1, 100
	}
}
