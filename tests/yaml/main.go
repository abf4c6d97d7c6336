// Reads lines of {"json": value, "yaml": text} and tells for which of them a
// Go reader takes the YAML for another value than the JSON.
//
// The readers are the two that matter to Flux, kubectl and Helm:
// sigs.k8s.io/yaml, in the oldest and the newest version that the output is
// meant for, and gopkg.in/yaml.v3.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"

	"gopkg.in/yaml.v3"
	newest "sigs.k8s.io/yaml"
	oldest "ztgit.dev/tests/yaml/oldest"
)

type pair struct {
	JSON json.RawMessage `json:"json"`
	YAML string          `json:"yaml"`
}

type reader struct {
	name string
	read func(string) (any, error)
}

var readers = []reader{
	{"sigs.k8s.io/yaml 1.3.0", throughJSON(oldest.YAMLToJSONStrict)},
	{"sigs.k8s.io/yaml 1.6.0", throughJSON(newest.YAMLToJSONStrict)},
	{"gopkg.in/yaml.v3", directly},
}

// shown bounds what is printed: at the end only, since the caller writes
// everything before it reads.
const shown = 20

func main() {
	documents, mismatches := 0, 0
	var report []string
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != nil && err != io.EOF {
			fail(err)
		}
		documents++
		for _, problem := range compare(line) {
			mismatches++
			if mismatches <= shown {
				report = append(report, problem)
			}
		}
	}
	for _, problem := range report {
		fmt.Println(problem)
	}
	fmt.Printf("%d documents, %d readers, %d mismatches\n", documents, len(readers), mismatches)
	if mismatches > 0 {
		os.Exit(1)
	}
}

func compare(line []byte) (problems []string) {
	var p pair
	if err := json.Unmarshal(line, &p); err != nil {
		fail(err)
	}
	want, err := fromJSON(p.JSON)
	if err != nil {
		fail(err)
	}
	for _, r := range readers {
		got, err := r.read(p.YAML)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v: %q", r.name, err, p.YAML))
		} else if where := difference("", want, got); where != "" {
			problems = append(problems, fmt.Sprintf("%s: %s in %q", r.name, where, p.YAML))
		}
	}
	return problems
}

func throughJSON(convert func([]byte) ([]byte, error)) func(string) (any, error) {
	return func(text string) (any, error) {
		data, err := convert([]byte(text))
		if err != nil {
			return nil, err
		}
		return fromJSON(data)
	}
}

// directly refuses a second document, which YAMLToJSON would not see either.
func directly(text string) (value any, err error) {
	decoder := yaml.NewDecoder(bytes.NewBufferString(text))
	if err = decoder.Decode(&value); err != nil {
		return nil, err
	}
	var rest any
	if err = decoder.Decode(&rest); err != io.EOF {
		return nil, fmt.Errorf("a second document: %v, %v", rest, err)
	}
	return value, nil
}

func fromJSON(data []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

// difference is the place of the first difference, or empty.
func difference(at string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(want) != len(got) {
			return fmt.Sprintf("%s: %d keys are %#v", at, len(want), got)
		}
		for key, value := range want {
			other, ok := got[key]
			if !ok {
				return fmt.Sprintf("%s: key %q is gone", at, key)
			}
			if where := difference(fmt.Sprintf("%s/%q", at, key), value, other); where != "" {
				return where
			}
		}
		return ""
	case []any:
		got, ok := got.([]any)
		if !ok || len(want) != len(got) {
			return fmt.Sprintf("%s: %d items are %#v", at, len(want), got)
		}
		for i := range want {
			if where := difference(fmt.Sprintf("%s/%d", at, i), want[i], got[i]); where != "" {
				return where
			}
		}
		return ""
	case json.Number:
		if sameNumber(want, got) {
			return ""
		}
	default:
		if reflect.DeepEqual(want, got) {
			return ""
		}
	}
	return fmt.Sprintf("%s: %#v is %T %#v", at, want, got, got)
}

// sameNumber compares integers exactly and floats by their bits. A float
// without fraction may come back as an integer: JSON does not tell them apart.
func sameNumber(want json.Number, got any) bool {
	text := ""
	switch got := got.(type) {
	case json.Number:
		text = got.String()
	case int, int64, uint64:
		text = fmt.Sprint(got)
	case float64:
		text = fmt.Sprintf("%.17e", got)
	default:
		return false
	}
	if text == want.String() {
		return true
	}
	if isInteger(want.String()) {
		return false
	}
	left, errLeft := want.Float64()
	right, errRight := json.Number(text).Float64()
	return errLeft == nil && errRight == nil && math.Float64bits(left) == math.Float64bits(right)
}

func isInteger(text string) bool {
	return !bytes.ContainsAny([]byte(text), ".eE")
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "the reader itself failed:", err)
	os.Exit(2)
}
