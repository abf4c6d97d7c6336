module ztgit.dev/tests/yaml

go 1.22

require (
	gopkg.in/yaml.v3 v3.0.1
	sigs.k8s.io/yaml v1.6.0
	ztgit.dev/tests/yaml/oldest v0.0.0
)

require (
	go.yaml.in/yaml/v2 v2.4.2 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)

// The oldest version that the output is meant for, next to the newest.
replace ztgit.dev/tests/yaml/oldest => sigs.k8s.io/yaml v1.3.0
