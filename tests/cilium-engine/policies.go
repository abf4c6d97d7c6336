package main

import (
	"encoding/json"
	"fmt"

	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/policy/utils"
)

// judgement tells whether the agent takes a policy.
type judgement struct {
	Accepted bool   `json:"accepted"`
	Message  string `json:"message,omitempty"`
}

// add reads a policy as the agent does, and puts it in force if it takes it.
func (w *world) add(object json.RawMessage) (judged judgement) {
	defer func() {
		if reason := recover(); reason != nil {
			judged = judgement{Message: fmt.Sprintf("panic: %v", reason)}
		}
	}()
	entries, resource, err := w.parse(object)
	if err != nil {
		return judgement{Message: err.Error()}
	}
	w.repository.ReplaceByResource(entries, resource)
	return judgement{Accepted: true}
}

func (w *world) parse(object json.RawMessage) (types.PolicyEntries, ipcachetypes.ResourceID, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal(object, &head); err != nil {
		return nil, "", err
	}
	switch head.Kind {
	case "CiliumNetworkPolicy":
		var read v2.CiliumNetworkPolicy
		if err := json.Unmarshal(object, &read); err != nil {
			return nil, "", err
		}
		// Without one it would be taken for a clusterwide policy; the API server
		// never stores it so.
		if read.Namespace == "" {
			read.Namespace = "default"
		}
		rules, err := read.Parse(w.logger, clusterName)
		resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindCNP, read.Namespace, read.Name)
		return utils.RulesToPolicyEntries(rules), resource, err
	case "CiliumClusterwideNetworkPolicy":
		var read v2.CiliumClusterwideNetworkPolicy
		if err := json.Unmarshal(object, &read); err != nil {
			return nil, "", err
		}
		rules, err := read.Parse(w.logger, clusterName)
		resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindCCNP, "", read.Name)
		return utils.RulesToPolicyEntries(rules), resource, err
	case "NetworkPolicy":
		var read slim_networkingv1.NetworkPolicy
		if err := json.Unmarshal(object, &read); err != nil {
			return nil, "", err
		}
		if read.Namespace == "" {
			read.Namespace = "default"
		}
		entries, err := k8s.ParseNetworkPolicy(w.logger, clusterName, &read)
		resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindNetpol, read.Namespace, read.Name)
		return entries, resource, err
	default:
		return nil, "", fmt.Errorf("%q is no policy", head.Kind)
	}
}
