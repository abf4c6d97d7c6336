// What Cilium's own policy engine says about policies, for comparison.
//
// A request on standard input is one line of JSON, the answer one line on standard
// output: which policies the agent takes, and for every question what both sides say.
// No cluster is needed: the packages that the agent is made of do all of it. What they
// leave to the datapath and to the proxies is in requests.go.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
)

// clusterName is what Cilium calls a cluster that nobody named.
const clusterName = "default"

type request struct {
	Policies     []json.RawMessage `json:"policies"`
	Endpoints    []endpoint        `json:"endpoints"`
	Questions    []question        `json:"questions"`
	HostFirewall bool              `json:"hostFirewall"`
}

type answer struct {
	Policies []judgement `json:"policies"`
	Verdicts []verdict   `json:"verdicts"`
}

func main() {
	configure()
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	slog.SetDefault(logger)
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriter(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return
		}
		if err != nil && err != io.EOF {
			fail(err)
		}
		var read request
		if err := json.Unmarshal(line, &read); err != nil {
			fail(err)
		}
		written, err := json.Marshal(respond(logger, &read))
		if err != nil {
			fail(err)
		}
		output.Write(append(written, '\n'))
		if err := output.Flush(); err != nil {
			fail(err)
		}
	}
}

// configure sets what the agent's flags set by default on Kubernetes.
func configure() {
	option.Config.EnableL7Proxy = true
	option.Config.EnableICMPRules = true
	option.Config.EnableNonDefaultDenyPolicies = true
	option.Config.EnableIPv4 = true
	option.Config.EnableIPv6 = true
	option.Config.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAlways
	policy.SetPolicyEnabled(option.DefaultEnforcement)
	api.InitEntities(clusterName)
}

func respond(logger *slog.Logger, read *request) answer {
	option.Config.EnableHostFirewall = read.HostFirewall
	world := newWorld(logger, read.Endpoints)
	judgements := make([]judgement, 0, len(read.Policies))
	for _, object := range read.Policies {
		judgements = append(judgements, world.add(object))
	}
	verdicts := make([]verdict, 0, len(read.Questions))
	for _, question := range read.Questions {
		verdicts = append(verdicts, world.ask(&question))
	}
	return answer{judgements, verdicts}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
