package spec

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strings"
)

var (
	memoryGrammar = regexp.MustCompile(`^([0-9]{1,18}(?:\.[0-9]{1,9})?)(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?$`)
	cpuGrammar    = regexp.MustCompile(`^([0-9]{1,9}(?:\.[0-9]{1,9})?)(m)?$`)
)

var memoryUnits = map[string]int64{
	"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60,
}

// ParseMemory reads a Kubernetes quantity of bytes: 512Mi, 1.5Gi, 500M, 1048576. Parts of a byte are rounded up.
func ParseMemory(text string) (int64, error) {
	parts := memoryGrammar.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is not a quantity of memory; write %s", text, memoryRemedy(text))
	}
	return scaled(text, parts[1], memoryUnits[parts[2]])
}

// memoryRemedy turns compose's and everyday units into Kubernetes' ones: 512m and 512mb were meant as 512Mi.
func memoryRemedy(text string) string {
	digits := strings.TrimRight(text, "KMGTkmgtiIbB ")
	unit := strings.ToUpper(strings.TrimRight(strings.TrimSpace(text[len(digits):]), "iIbB"))
	if memoryGrammar.MatchString(digits) && (unit == "K" || unit == "M" || unit == "G" || unit == "T") {
		return fmt.Sprintf("%q", digits+unit+"i")
	}
	return `it as "512Mi" or "1Gi"`
}

// ParseCPU reads a Kubernetes quantity of processors, 500m, 0.5 or 2, and gives billionths of one.
func ParseCPU(text string) (int64, error) {
	parts := cpuGrammar.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is not a quantity of processors; write it as \"500m\" or \"2\"", text)
	}
	if parts[2] == "m" {
		return scaled(text, parts[1], 1e6)
	}
	return scaled(text, parts[1], 1e9)
}

// scaled is number × unit, rounded up.
func scaled(text, number string, unit int64) (int64, error) {
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	value.Mul(value, new(big.Rat).SetInt64(unit))
	whole, rest := new(big.Int).QuoRem(value.Num(), value.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	if !whole.IsInt64() || whole.Int64() == math.MaxInt64 {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return whole.Int64(), nil
}
