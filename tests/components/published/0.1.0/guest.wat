;; A guest of ztgit:plugin@0.1.0 that depends on nothing here: neither on the SDK
;; nor on wit/plugin.wit, which both move on. It gives one ConfigMap.
(module
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 0x8000))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 3))))

  ;; name, version, summary, config-schema; no facts and no schemas; the grants:
  ;; one namespace, and three empty lists.
  (data (i32.const 0x10)
    "\00\01\00\00\06\00\00\00" "\10\01\00\00\05\00\00\00"
    "\20\01\00\00\0b\00\00\00" "\30\01\00\00\31\00\00\00"
    "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00"
    "\70\01\00\00\01\00\00\00")
  (data (i32.const 0x100) "frozen")
  (data (i32.const 0x110) "0.1.0")
  (data (i32.const 0x120) "from before")
  (data (i32.const 0x130) "{\"type\":\"object\",\"additionalProperties\":false   }")
  (data (i32.const 0x170) "\80\01\00\00\04\00\00\00")
  (data (i32.const 0x180) "demo")
  ;; One artifact: a manifest, phase `apps`, its object.
  (data (i32.const 0x280) "\00\03\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00")
  (data (i32.const 0x300) "\00\00\00\00" "\08\00\00\00" "\00\04\00\00\53\00\00\00")
  (data (i32.const 0x400)
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"old\",\"namespace\":\"demo\"}}")

  (func (export "ztgit:plugin/plugin@0.1.0#describe") (result i32)
    (i32.const 0x10))
  (func (export "ztgit:plugin/plugin@0.1.0#facts") (param i32 i32 i32 i32) (result i32)
    (i32.const 0x200))
  (func (export "ztgit:plugin/plugin@0.1.0#render") (param i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0x280)))
