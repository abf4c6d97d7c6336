;; What a compiler makes before anybody wraps it.
(module
  (func (export "render")))
