;; Makes one resource after the other and gives none back. For a world that
;; also exports an interface `flood` with a resource.
(import "[export]ztgit:plugin/flood@0.1.0" "[resource-new]thing"
  (func $new (param i32) (result i32)))
(func $render (param i32 i32 i32 i32 i32 i32) (result i32)
  (loop $again
    (drop (call $new (i32.const 1)))
    (br $again))
  (unreachable))
