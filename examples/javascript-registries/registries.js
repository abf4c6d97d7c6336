// Which registries the images of pods may come from, as a
// ValidatingAdmissionPolicy: the API server itself refuses the others.
//
// componentize finds the plugin by the name of the interface that it implements.
// `ztgit:plugin/log` comes from wit/plugin.wit.

import { write } from "ztgit:plugin/log@0.1.0";

const NAME = "image-registries";
const GROUP = "admissionregistration.k8s.io";

// What a namespace's mode means for an image from elsewhere.
const ACTIONS = { audit: ["Audit", "Warn"], enforce: ["Deny"] };

const configSchema = {
  type: "object",
  additionalProperties: false,
  required: ["allowed"],
  properties: {
    allowed: {
      description:
        "Registries, or parts of one, that images may come from: `registry.k8s.io`, `ghcr.io/my-org`.",
      type: "array",
      minItems: 1,
      uniqueItems: true,
      items: { type: "string", pattern: "^[a-z0-9][a-z0-9.:-]*(/[a-z0-9][a-z0-9._-]*)*$" },
    },
  },
};

// Registries where anybody may publish.
const PUBLIC = ["docker.io", "ghcr.io", "quay.io"];

function policy(allowed) {
  // A prefix ends where a part of the name does: `ghcr.io/my-org` is not
  // `ghcr.io/my-organisation`.
  const prefixes = JSON.stringify(allowed.map((registry) => `${registry}/`));
  const isAllowed = `${prefixes}.exists(prefix, image.startsWith(prefix))`;
  const images = ["containers", "initContainers", "ephemeralContainers"].map(
    (list) => `(has(object.spec.${list}) ? object.spec.${list}.map(c, c.image) : [])`,
  );
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: NAME },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            operations: ["CREATE", "UPDATE"],
            resources: ["pods", "pods/ephemeralcontainers"],
          },
        ],
      },
      variables: [{ name: "images", expression: images.join(" + ") }],
      validations: [
        {
          expression: `variables.images.all(image, ${isAllowed})`,
          messageExpression: `"not from an allowed registry: " + variables.images.filter(image, !${isAllowed}).join(", ")`,
          reason: "Forbidden",
        },
      ],
    },
  };
}

function binding(mode, namespaces) {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: `${NAME}.${mode}` },
    spec: {
      policyName: NAME,
      validationActions: ACTIONS[mode],
      matchResources: {
        namespaceSelector: {
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "In", values: namespaces },
          ],
        },
      },
    },
  };
}

// The phase is the same in every mode: an object that changed it would be deleted
// and made anew.
function manifest(object) {
  return { tag: "manifest", val: { phase: "enforce", object: JSON.stringify(object), prune: "prune" } };
}

function publicRegistry(registry, index) {
  return {
    severity: "warning",
    code: "public-registry",
    message: `anybody can publish images on ${registry}`,
    place: { tag: "config", val: `/allowed/${index}` },
    hints: [`name the part that you trust, such as \`${registry}/my-org\``],
  };
}

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
    name: "registries",
    version: "0.1.0",
    summary: "which registries images may come from, as an admission policy",
    configSchema: JSON.stringify(configSchema),
    provides: [],
    consumes: [],
    schemas: [],
    grants: {
      namespaces: [],
      clusterKinds: [
        `ValidatingAdmissionPolicy.${GROUP}`,
        `ValidatingAdmissionPolicyBinding.${GROUP}`,
      ],
      hostPaths: [],
      facts: [],
    },
  })),

  facts: told(() => ({ facts: [], diagnostics: [] })),

  render: told((cluster, config) => {
    const { namespaces = {} } = JSON.parse(cluster);
    const { allowed } = JSON.parse(config);
    const inMode = (mode) => Object.keys(namespaces).filter((name) => namespaces[name].mode === mode);
    const bindings = Object.keys(ACTIONS)
      .map((mode) => [mode, inMode(mode)])
      .filter(([, names]) => names.length > 0)
      .map(([mode, names]) => binding(mode, names));
    return {
      artifacts: [policy(allowed), ...bindings].map(manifest),
      diagnostics: allowed
        .map((registry, index) => PUBLIC.includes(registry) && publicRegistry(registry, index))
        .filter(Boolean),
    };
  }),
};
