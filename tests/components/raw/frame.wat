;; A plugin without a language: describes itself as `raw`, states nothing and
;; renders nothing. A file beside this one replaces the parts that it defines:
;; `$memory`, `$describe`, `$facts`, `$render`; anything else it adds.
(module
  (memory $memory (export "memory") 16)

  ;; Arguments of a call are put where nothing else is, one behind the other.
  (global $next (mut i32) (i32.const 0x8000))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 3))))

  ;; name, version, summary, config-schema; seven empty lists follow.
  (data (i32.const 0x10)
    "\00\01\00\00\03\00\00\00" "\10\01\00\00\05\00\00\00"
    "\20\01\00\00\03\00\00\00" "\30\01\00\00\02\00\00\00")
  (data (i32.const 0x100) "raw")
  (data (i32.const 0x110) "0.1.0")
  (data (i32.const 0x120) "raw")
  (data (i32.const 0x130) "{}")

  (func $describe (result i32)
    (i32.const 0x10))
  ;; No facts, no diagnostics.
  (func $facts (param i32 i32 i32 i32) (result i32)
    (i32.const 0x200))
  ;; No artifacts, no diagnostics.
  (func $render (param i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0x200))

  (export "ztgit:plugin/plugin@0.1.0#describe" (func $describe))
  (export "ztgit:plugin/plugin@0.1.0#facts" (func $facts))
  (export "ztgit:plugin/plugin@0.1.0#render" (func $render))
)
