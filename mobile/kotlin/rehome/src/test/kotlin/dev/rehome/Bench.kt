package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.Config
import dev.rehome.ffi.Input
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Registration
import dev.rehome.ffi.SrvRecord
import java.io.File

/** Prints what the library weighs and what a step costs; nothing depends on it. */
object Bench {
    private const val ROUNDS = 100
    private const val CALLS = 200
    private const val NANOS_IN_US = 1000.0

    @JvmStatic
    fun main(arguments: Array<String>) {
        arguments.forEach { println("%s: %,d bytes".format(File(it).name, File(it).length())) }
        val registration = Registration(Config(srvRecord = "_sip._udp.example.test"), 1)
        registration.step(Input.Start, 0)
        val records = listOf(SrvRecord(10, 50, 5060, "a.example.test"), SrvRecord(10, 50, 5060, "b.example.test"))
        registration.step(Input.Answer(1, Answer.Srv(records, 300)), 1)
        registration.step(Input.Outcome(2, Outcome.Accepted(3600)), 2)
        var now = 3L
        val empty = { registration.target(-1) }
        val step = { registration.step(Input.Wake, now++) }
        val status = { registration.status(now) }
        repeat(2) {
            val base = microseconds(empty)
            val text = "an empty call %.1f us, a step that changes nothing %.1f us (%.1f us over it), a status %.1f us"
            val (costs, shown) = microseconds(step) to microseconds(status)
            // The first round warms up.
            if (it == 1) println(text.format(base, costs, costs - base, shown))
        }
    }

    /** Of the best round: what else the machine did meanwhile does not count. */
    private fun microseconds(call: () -> Any?): Double = (1..ROUNDS).minOf {
        val began = System.nanoTime()
        repeat(CALLS) { call() }
        (System.nanoTime() - began) / NANOS_IN_US / CALLS
    }
}
