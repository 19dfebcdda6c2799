package dev.rehome.phone

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class OptionsTest {
    @Test
    fun `flags lie over the preset`() {
        val words = "--preset tpi --srv=_sip._tcp.example.test --seed 7 --speed 4 --start".split(' ')
        val options = Options.parse(words.toTypedArray())
        assertEquals("_sip._tcp.example.test", options.config.srvRecord)
        assertEquals(1, options.config.order.maxTargets)
        assertEquals(2500, options.config.rollover.attemptTimeoutMs)
        assertEquals(7, options.seed)
        assertTrue(options.start)
    }

    @Test
    fun `wrong flags are named`() {
        val wrong = listOf(
            "--user" to "a b", "--preset" to "tpy", "--transport" to "sctp", "--dns" to "nowhere", "--speed" to "0",
            "--config" to "/no/such/file", "--ca" to "/no/such/file",
        )
        for ((flag, value) in wrong) {
            val error = assertThrows(Usage::class.java) { Options.parse(arrayOf(flag, value)) }
            assertTrue(flag in error.message!! && value in error.message!!, error.message)
        }
        assertTrue("--ca" in assertThrows(Usage::class.java) { Options.parse(arrayOf("--transport", "tls")) }.message!!)
        assertTrue("--dance" in assertThrows(Usage::class.java) { Options.parse(arrayOf("--dance")) }.message!!)
    }
}
