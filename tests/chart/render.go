// SPDX-License-Identifier: BSD-2-Clause

// render prints a chart's templates as Helm would, for where there is no Helm: with the template
// engine and the functions that Helm has, of which it adds only toYaml, as JSON, which is YAML. It
// reads {"templates": {NAME: TEXT}, "data": {"Values": ..., "Chart": ..., "Release": ...}}.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"text/template"

	"github.com/Masterminds/sprig"
)

func toYaml(value interface{}) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func main() {
	var input struct {
		Templates map[string]string      `json:"templates"`
		Data      map[string]interface{} `json:"data"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		fail(err)
	}
	functions := sprig.TxtFuncMap()
	functions["toYaml"] = toYaml
	names := []string{}
	for name := range input.Templates {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		parsed, err := template.New(name).Funcs(functions).Option("missingkey=error").Parse(input.Templates[name])
		if err != nil {
			fail(err)
		}
		fmt.Printf("---\n# Source: %s\n", name)
		if err := parsed.Execute(os.Stdout, input.Data); err != nil {
			fail(err)
		}
		fmt.Println()
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
