// git-http ADDRESS FOLDER serves the bare repositories in a folder over git's
// smart HTTP protocol, the only one over HTTP that Flux speaks.
package main

import (
	"log"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	programs, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		log.Fatal(err)
	}
	backend := &cgi.Handler{
		Path:       filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"),
		InheritEnv: []string{"PATH", "HOME"},
		Env:        []string{"GIT_PROJECT_ROOT=" + os.Args[2], "GIT_HTTP_EXPORT_ALL=1"},
	}
	log.Fatal(http.ListenAndServe(os.Args[1], backend))
}
