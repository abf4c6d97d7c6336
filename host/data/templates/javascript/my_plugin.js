// A ConfigMap with a greeting, in a namespace of its own: something to begin with.
//
// componentize finds the plugin by the name of the interface that it implements.
// `ztgit:plugin/log` comes from wit/plugin.wit.

import { write } from "ztgit:plugin/log@0.1.0";

const NAMESPACE = "my-plugin";

const configSchema = {
  type: "object",
  additionalProperties: false,
  required: ["message"],
  properties: {
    message: { description: "What the greeting says.", type: "string" },
  },
};

// An exception would end as a trap without a word; the log carries it out.
function told(run) {
  return (...parameters) => {
    try {
      return run(...parameters);
    } catch (error) {
      write("error", `${error}\n${error.stack}`);
      throw error;
    }
  };
}

export const plugin = {
  describe: told(() => ({
    name: "my-plugin",
    version: "0.1.0",
    summary: "a greeting",
    configSchema: JSON.stringify(configSchema),
    provides: [{ kind: "namespace", schema: "" }],
    consumes: [],
    schemas: [],
    grants: {
      namespaces: [NAMESPACE],
      clusterKinds: [],
      hostPaths: [],
      facts: [{ kind: "namespace", limits: [NAMESPACE] }],
    },
  })),

  facts: told(() => {
    const value = JSON.stringify({ name: NAMESPACE });
    return { facts: [{ kind: "namespace", scope: { tag: "cluster" }, value }], diagnostics: [] };
  }),

  render: told((cluster, config) => {
    const greeting = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "greeting", namespace: NAMESPACE },
      data: { message: `${JSON.parse(config).message} from ${JSON.parse(cluster).name}` },
    };
    const manifest = { phase: "apps", object: JSON.stringify(greeting), prune: "prune" };
    return { artifacts: [{ tag: "manifest", val: manifest }], diagnostics: [] };
  }),
};
