;; Modules and components as imports, and core things of every kind through instances made of exports.
(component
  (import "lib" (core module $lib
    (import "env" "memory" (memory 1 2 shared))
    (import "env" "table" (table 1 funcref))
    (import "env" "tag" (tag (param i32)))
    (import "env" "global" (global (mut i64)))
    (export "f" (func (param i32 f64) (result externref)))
    (export "g" (global i32))))
  (core module $env
    (memory (export "m") 1 2 shared)
    (table (export "t") 1 funcref)
    (tag (export "e") (param i32))
    (global (export "g") (mut i64) (i64.const 0)))
  (core instance $env (instantiate $env))
  (alias core export $env "m" (core memory $m))
  (alias core export $env "t" (core table $t))
  (alias core export $env "e" (core tag $e))
  (alias core export $env "g" (core global $g))
  (core instance $lib (instantiate $lib (with "env" (instance
    (export "memory" (memory $m)) (export "table" (table $t)) (export "tag" (tag $e)) (export "global" (global $g))))))
  (import "c" (component $c
    (import "x" (func))
    (export "r" (type $r (sub resource)))
    (export "y" (func (param "r" (own $r))))))
  (import "x" (func $x))
  (instance $c (instantiate $c (with "x" (func $x))))
  (core func (canon lower (func $c "y")))
  (import "named" (implements "a:b/c@1.2.3") (instance (export "f" (func))))
  (export "lib" (core module $lib))
  (export "env" (core module $env))
  (export "c" (component $c))
  (export "it" (instance $c)))
