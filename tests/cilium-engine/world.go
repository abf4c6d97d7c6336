package main

import (
	"fmt"
	"log/slog"
	"math"
	"net/netip"

	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	pkgtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// firstPod is past all identities that Cilium reserves.
const firstPod = identity.NumericIdentity(1000)

type endpoint struct {
	Name string `json:"name"`
	// Role is "endpoint", "host", "remote-node" or "world".
	Role       string      `json:"role"`
	Labels     []string    `json:"labels"`
	Address    string      `json:"address"`
	NamedPorts []namedPort `json:"namedPorts"`
}

type namedPort struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
	Port     uint16 `json:"port"`
}

// world is a repository of policies and everybody they may be about.
type world struct {
	logger     *slog.Logger
	repository *policy.Repository
	members    map[string]*member
}

// member is an endpoint with its identity and, once somebody asked, its policy.
type member struct {
	identity *identity.Identity
	role     string
	ports    map[string]map[u8proto.U8proto]uint16
	policy   *policy.EndpointPolicy
	err      error
}

func newWorld(logger *slog.Logger, endpoints []endpoint) *world {
	members := make(map[string]*member, len(endpoints))
	identities := identity.ListReservedIdentities()
	named := pkgtypes.NewNamedPortMultiMap()
	for index, endpoint := range endpoints {
		member := newMember(&endpoint, index)
		members[endpoint.Name] = member
		identities[member.identity.ID] = member.identity.LabelArray
		for name, protocols := range member.ports {
			for protocol, port := range protocols {
				ports := pkgtypes.NamedPortMap{name: {Proto: protocol, Port: port}}
				named.Update(member.identity.ID, nil, ports)
			}
		}
	}
	translator := envoypolicy.NewEnvoyL7RulesTranslator(logger, nil)
	manager := identitymanager.NewIDManager(logger)
	repository := policy.NewPolicyRepository(logger, identities, nil, translator, manager, nil)
	repository.UpdateIdentities(identities, nil)
	repository.SetNamedPortsGetter(portsGetter{named})
	return &world{logger, repository, members}
}

func newMember(endpoint *endpoint, index int) *member {
	array := labels.ParseLabelArray(endpoint.Labels...)
	id := firstPod + identity.NumericIdentity(index)
	switch endpoint.Role {
	case "host":
		id = identity.ReservedIdentityHost
	case "remote-node":
		id = identity.IdentityScopeRemoteNode + identity.NumericIdentity(index+1)
	case "world":
		address := netip.MustParseAddr(endpoint.Address)
		prefix := netip.PrefixFrom(address, address.BitLen())
		array = append(array, labels.GetCIDRLabelArray(prefix)...)
		id = identity.IdentityScopeLocal + identity.NumericIdentity(index+1)
	}
	ports := make(map[string]map[u8proto.U8proto]uint16)
	for _, port := range endpoint.NamedPorts {
		protocol, err := u8proto.ParseProtocol(port.Protocol)
		if err != nil {
			fail(err)
		}
		if ports[port.Name] == nil {
			ports[port.Name] = make(map[u8proto.U8proto]uint16)
		}
		ports[port.Name][protocol] = port.Port
	}
	return &member{
		identity: identity.NewIdentityFromLabelArray(id, array.Sort()),
		role:     endpoint.Role,
		ports:    ports,
	}
}

// compute gives the policy of a member as the agent hands it to the datapath.
func (w *world) compute(m *member) (*policy.EndpointPolicy, error) {
	if m.policy != nil || m.err != nil {
		return m.policy, m.err
	}
	selected, _, err := w.repository.ComputeSelectorPolicy(m.identity)
	if err != nil {
		m.err = err
		return nil, err
	}
	redirects := map[string]uint16{policy.FallbackRedirectID: math.MaxUint16}
	m.policy = selected.DistillPolicy(w.logger, m, redirects)
	return m.policy, nil
}

// portsGetter gives the named ports of all peers.
type portsGetter struct{ ports pkgtypes.NamedPortMultiMap }

func (g portsGetter) GetNamedPorts() pkgtypes.NamedPortMultiMap { return g.ports }

// The member is what the engine calls the owner of a policy.
var _ policy.PolicyOwner = &member{}

func (m *member) GetID() uint64 { return uint64(m.identity.ID) }

func (m *member) GetIngressNamedPort(name string, protocol u8proto.U8proto) uint16 {
	return m.ports[name][protocol]
}

func (m *member) PolicyDebug(string, ...any) {}

func (m *member) IsHost() bool { return m.identity.ID == identity.ReservedIdentityHost }

func (m *member) PreviousMapStateSizes() policy.MapStateSizes { return policy.MapStateSizes{} }

func (m *member) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}

func (w *world) member(name string) *member {
	found := w.members[name]
	if found == nil {
		fail(fmt.Errorf("there is no endpoint %q", name))
	}
	return found
}
