package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/fqdn/matchpattern"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
)

// What the proxies do with the rules that the engine hands them, after
// pkg/envoy/model.go with PortNetworkPolicyRules of cilium/proxy, and after
// CheckAllowed in pkg/fqdn/dnsproxy. The rules themselves, merged and translated, are
// the engine's.

// content is what is sent over a connection; nothing where only the connection is
// asked about.
type content struct {
	HTTP *httpRequest `json:"http"`
	DNS  *string      `json:"dns"`
	TLS  *tlsHello    `json:"tls"`
}

type httpRequest struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Host    string            `json:"host"`
	Headers map[string]string `json:"headers"`
}

type tlsHello struct {
	ServerName string `json:"serverName"`
}

type connection struct {
	policy        *policy.EndpointPolicy
	subject, peer *member
	ingress       bool
	protocol      u8proto.U8proto
	port          uint16
}

func parserOf(priority policy.ListenerPriority) string {
	switch priority {
	case policy.ListenerPriorityHTTP:
		return "http"
	case policy.ListenerPriorityTLS:
		return "tls"
	case policy.ListenerPriorityDNS:
		return "dns"
	default:
		return "listener"
	}
}

func (c *connection) judge(parser string, sent *content) string {
	var passes bool
	switch {
	case sent.HTTP == nil && sent.DNS == nil && sent.TLS == nil:
		return "restricted"
	case parser == "http" && sent.HTTP != nil:
		passes = c.admitsConnection("") && c.admitsHTTP(sent.HTTP)
	case parser == "tls" && sent.TLS != nil:
		passes = c.admitsConnection(sent.TLS.ServerName)
	case parser == "tls":
		// Whatever it is, it names no server.
		passes = c.admitsConnection("")
	case parser == "dns" && sent.DNS != nil:
		passes = c.admitsDNS(*sent.DNS)
	default:
		return "unjudged"
	}
	if passes {
		return "allowed"
	}
	return "request-denied"
}

// rules calls back with what all filters of the direction say about the peer, those
// for other protocols left out.
func (c *connection) rules(yield func(*policy.L4Filter, *policy.PerSelectorPolicy)) {
	direction := &c.policy.SelectorPolicy.L4Policy.Egress
	if c.ingress {
		direction = &c.policy.SelectorPolicy.L4Policy.Ingress
	}
	for filter := range direction.Filters() {
		if filter.U8Proto != u8proto.ANY && filter.U8Proto != c.protocol {
			continue
		}
		for selector, rule := range filter.PerSelectorPolicies {
			selected := selector.IsWildcard() || selector.Selects(c.peer.identity.ID)
			if selected && rule.GetVerdict() == types.Allow {
				yield(filter, rule)
			}
		}
	}
}

func (c *connection) covers(filter *policy.L4Filter) bool {
	if filter.PortName != "" {
		answering := c.peer
		if c.ingress {
			answering = c.subject
		}
		return answering.ports[filter.PortName][c.protocol] == c.port
	}
	last := max(filter.Port, filter.EndPort)
	return filter.Port == 0 || filter.Port <= c.port && c.port <= last
}

func (c *connection) admitsConnection(serverName string) (admits bool) {
	c.rules(func(filter *policy.L4Filter, rule *policy.PerSelectorPolicy) {
		if !c.covers(filter) {
			return
		}
		if rule == nil || len(rule.ServerNames) == 0 {
			admits = true
			return
		}
		for pattern := range rule.ServerNames {
			admits = admits || serverName != "" && matchesName(pattern, serverName)
		}
	})
	return admits
}

func matchesName(pattern, name string) bool {
	expression := matchpattern.ToAnchoredRegexp(matchpattern.Sanitize(pattern))
	name = strings.ToLower(strings.TrimSuffix(name, ".")) + "."
	return regexp.MustCompile(expression).MatchString(name)
}

func (c *connection) admitsHTTP(sent *httpRequest) (admits bool) {
	c.rules(func(filter *policy.L4Filter, rule *policy.PerSelectorPolicy) {
		if !c.covers(filter) {
			return
		}
		translated := rule.HasL7Rules() && rule.EnvoyHTTPRules() != nil
		if !translated {
			admits = true
			return
		}
		for _, one := range rule.EnvoyHTTPRules().GetHttpRules() {
			// Header matches with an action on mismatch never refuse.
			matched := !slices.ContainsFunc(one.GetHeaders(), func(header *routev3.HeaderMatcher) bool {
				return !matchesHeader(header, sent)
			})
			admits = admits || matched
		}
	})
	return admits
}

func matchesHeader(matcher *routev3.HeaderMatcher, sent *httpRequest) bool {
	value, present := sent.header(matcher.GetName())
	if matcher.GetPresentMatch() {
		return present
	}
	text := matcher.GetStringMatch()
	if expression := text.GetSafeRegex(); expression != nil {
		whole := regexp.MustCompile("^(?:" + expression.GetRegex() + ")$")
		return present && whole.MatchString(value)
	}
	return (present && value == text.GetExact()) != matcher.GetInvertMatch()
}

func (r *httpRequest) header(name string) (string, bool) {
	switch name {
	case ":method":
		return r.Method, true
	case ":path":
		return r.Path, true
	case ":authority":
		return r.Host, true
	}
	value, present := r.Headers[strings.ToLower(name)]
	return value, present
}

// admitsDNS looks at the rules for the very port and protocol only: the DNS proxy
// knows no others.
func (c *connection) admitsDNS(name string) (admits bool) {
	name = strings.ToLower(strings.TrimSuffix(name, ".")) + "."
	c.rules(func(filter *policy.L4Filter, rule *policy.PerSelectorPolicy) {
		exact := filter.Port == c.port && filter.EndPort == 0 && filter.U8Proto == c.protocol
		if exact {
			admits = admits || admitsName(rule, name)
		}
	})
	return admits
}

func admitsName(rule *policy.PerSelectorPolicy, name string) bool {
	if rule == nil || len(rule.DNS) == 0 {
		return true
	}
	for _, one := range rule.DNS {
		for _, pattern := range []string{one.MatchName, one.MatchPattern} {
			if pattern == "" {
				continue
			}
			expression := matchpattern.ToUnAnchoredRegexp(matchpattern.Sanitize(pattern))
			if regexp.MustCompile("^(?:" + expression + ")$").MatchString(name) {
				return true
			}
		}
	}
	return false
}
