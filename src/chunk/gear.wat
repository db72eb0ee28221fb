;; The search for the next cut, for WebAssembly; gear-javascript.ts does the same.
;;
;; Memory, imported so that its size is the caller's: the gear table of FORMAT.md
;; as 256 little-endian words at byte 0, file data from byte 65536 on.
;;
;; next(from, normal, end, strict, loose): addresses and signed thresholds in, the
;; address behind the last byte of the chunk out. The first 31 bytes only fill the
;; hash; bytes before normal are held against strict, those before end against loose.
(module
  (import "cutter" "memory" (memory 1))
  (func (export "next")
    (param $at i32) (param $normal i32) (param $end i32) (param $strict i32) (param $loose i32)
    (result i32)
    (local $hash i32) (local $first i32) (local $limit i32) (local $below i32)

    ;; Fill the hash: no test until 32 bytes are in it.
    (local.set $limit (i32.add (local.get $at) (i32.const 31)))
    (loop $warm
      (local.set $hash
        (i32.add
          (i32.shl (local.get $hash) (i32.const 1))
          (i32.load (i32.shl (i32.load8_u (local.get $at)) (i32.const 2)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $warm (i32.lt_s (local.get $at) (local.get $limit))))

    (local.set $limit (local.get $normal))
    (local.set $below (local.get $strict))
    (loop $phase
      ;; Two bytes a turn: the hash behind the first is computed beside the chain, so
      ;; that only one shift and one addition have to wait for the turn before.
      (block $odd
        (loop $pair
          (br_if $odd (i32.ge_s (i32.add (local.get $at) (i32.const 1)) (local.get $limit)))
          (local.set $first (i32.load (i32.shl (i32.load8_u (local.get $at)) (i32.const 2))))
          (if (i32.lt_s
                (i32.add (i32.shl (local.get $hash) (i32.const 1)) (local.get $first))
                (local.get $below))
            (then (return (i32.add (local.get $at) (i32.const 1)))))
          (local.set $hash
            (i32.add
              (i32.shl (local.get $hash) (i32.const 2))
              (i32.add
                (i32.shl (local.get $first) (i32.const 1))
                (i32.load (i32.shl (i32.load8_u offset=1 (local.get $at)) (i32.const 2))))))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (br_if $pair (i32.ge_s (local.get $hash) (local.get $below)))
          (return (local.get $at))))

      ;; At most one byte is left before the limit.
      (if (i32.lt_s (local.get $at) (local.get $limit))
        (then
          (local.set $hash
            (i32.add
              (i32.shl (local.get $hash) (i32.const 1))
              (i32.load (i32.shl (i32.load8_u (local.get $at)) (i32.const 2)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (if (i32.lt_s (local.get $hash) (local.get $below))
            (then (return (local.get $at))))))

      ;; Beyond the normal length the looser threshold applies.
      (if (i32.lt_s (local.get $limit) (local.get $end))
        (then
          (local.set $limit (local.get $end))
          (local.set $below (local.get $loose))
          (br $phase))))
    (local.get $end)))
