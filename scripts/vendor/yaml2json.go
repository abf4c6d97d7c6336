// Command yaml2json prints the documents of YAML files as one JSON array.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	documents := []json.RawMessage{}
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		exitOn(err)
		for _, document := range strings.Split("\n"+string(text), "\n---") {
			converted, err := yaml.YAMLToJSONStrict([]byte(document))
			exitOn(err)
			if string(converted) != "null" {
				documents = append(documents, converted)
			}
		}
	}
	exitOn(json.NewEncoder(os.Stdout).Encode(documents))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
