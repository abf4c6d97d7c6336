// Reads an audit policy and an admission configuration as kube-apiserver does.
package main

import (
	"fmt"
	"os"

	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apimachinery/pkg/runtime"
	podsecurity "k8s.io/pod-security-admission/admission/api/load"
	"k8s.io/pod-security-admission/admission/api/validation"
)

func main() {
	if err := judge(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(auditPolicy, admissionConfiguration string) error {
	if _, err := policy.LoadPolicyFromFile(auditPolicy); err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	provider, err := admission.ReadAdmissionConfiguration([]string{"PodSecurity"}, admissionConfiguration, scheme)
	if err != nil {
		return err
	}
	reader, err := provider.ConfigFor("PodSecurity")
	if err != nil {
		return err
	}
	configuration, err := podsecurity.LoadFromReader(reader)
	if err != nil {
		return err
	}
	return validation.ValidatePodSecurityConfiguration(configuration).ToAggregate()
}
