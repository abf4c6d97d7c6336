;; Wants something that nobody has heard of.
(component
  (import "evil:sockets/raw" (instance
    (export "open" (func (result u32))))))
