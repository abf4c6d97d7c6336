package main

import (
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

type question struct {
	From     string  `json:"from"`
	To       string  `json:"to"`
	Protocol string  `json:"protocol"`
	Port     uint16  `json:"port"`
	Sent     content `json:"request"`
}

type verdict struct {
	Egress  side `json:"egress"`
	Ingress side `json:"ingress"`
}

// side is what one end's agent says.
type side struct {
	// Decision is "allowed", "restricted", "denied", "request-denied" or
	// "undecided", or "unjudged" where only a proxy could tell.
	Decision string `json:"decision"`
	// Parser is the proxy that the connection goes to, if any.
	Parser string `json:"parser,omitempty"`
	// Rules are the names of the policies that the datapath entry comes from.
	Rules   []string `json:"rules,omitempty"`
	Message string   `json:"message,omitempty"`
}

func (w *world) ask(asked *question) verdict {
	from, to := w.member(asked.From), w.member(asked.To)
	return verdict{
		Egress:  w.askSide(from, to, policy.EgressKey(), asked),
		Ingress: w.askSide(to, from, policy.IngressKey(), asked),
	}
}

func (w *world) askSide(subject, peer *member, key policy.Key, asked *question) side {
	// Who is outside has no agent, and another node is asked on that node.
	if subject.role == "world" || subject.role == "remote-node" {
		return side{Decision: "allowed"}
	}
	computed, err := w.compute(subject)
	if err != nil {
		return side{Decision: "undecided", Message: err.Error()}
	}
	protocol, err := u8proto.ParseProtocol(asked.Protocol)
	if err != nil {
		fail(err)
	}
	key = key.WithIdentity(peer.identity.ID).WithPortProto(protocol, asked.Port)
	entry, meta, _ := computed.Lookup(key)
	decided := side{Rules: policies(meta.LabelArray())}
	switch {
	case entry.IsDeny():
		decided.Decision = "denied"
	case !entry.IsRedirectEntry():
		decided.Decision = "allowed"
	default:
		decided.Parser = parserOf(entry.Precedence.ListenerPriority())
		found := connection{
			policy: computed, subject: subject, peer: peer,
			ingress:  key.TrafficDirection() == policy.IngressKey().TrafficDirection(),
			protocol: protocol, port: asked.Port,
		}
		decided.Decision = found.judge(decided.Parser, &asked.Sent)
	}
	return decided
}

// policies gives the names of the policies in the labels of rules.
func policies(lists labels.LabelArrayList) []string {
	var names []string
	for _, list := range lists {
		name := list.Get("k8s:io.cilium.k8s.policy.name")
		if name == "" {
			name = list.Get("reserved:io.cilium.policy.derived-from")
		}
		if namespace := list.Get("k8s:io.cilium.k8s.policy.namespace"); namespace != "" {
			name = strings.Join([]string{namespace, name}, "/")
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
