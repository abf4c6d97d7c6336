;; A component that does something else altogether.
(component
  (core module $module (func (export "run") (result i32) (i32.const 0)))
  (core instance $instance (instantiate $module))
  (func $run (result u32) (canon lift (core func $instance "run")))
  (export "run" (func $run)))
