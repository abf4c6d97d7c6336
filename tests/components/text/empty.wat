;; A component of no world.
(component)
