;; Wants the log of a version that does not exist yet.
(component
  (import "ztgit:plugin/log@0.9.0" (instance)))
