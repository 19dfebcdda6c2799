package dev.rehome

import dev.rehome.ffi.Config
import dev.rehome.ffi.Input
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Registration
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.checkConfig
import dev.rehome.ffi.configFromJson
import dev.rehome.ffi.configToJson
import dev.rehome.ffi.preset
import dev.rehome.ffi.presetDifferences
import dev.rehome.ffi.presetNames
import dev.rehome.scenarios.canonical
import dev.rehome.scenarios.fields
import dev.rehome.scenarios.layOver
import dev.rehome.scenarios.read
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Defaults and presets are those of the policy, field by field; what is wrong is named. */
class ConfigurationTest {
    private fun resource(name: String) = read(checkNotNull(javaClass.getResource(name)) { "$name is missing" }.readText())

    @Test
    fun `the defaults are the policy's`() {
        val expected = resource("/defaults.json")
        assertEquals(canonical(expected), canonical(read(configToJson(Config()))))
        assertEquals(Config(), preset("default"))
        assertEquals(Config(), configFromJson("{}"))
    }

    @Test
    fun `each preset is the policy's`() {
        val expected = resource("/presets.json")
        assertEquals(expected.keys, presetNames().toSet() - "default")
        for ((name, differences) in expected) {
            val config = layOver(resource("/defaults.json"), differences)
            assertEquals(canonical(config), canonical(read(configToJson(preset(name)))), name)
            assertEquals(preset(name), configFromJson("{}", name))
            val fields = fields(differences).flatMap { (group, over) -> fields(over).keys.map { "$group.$it" } }
            assertEquals(fields.toSet(), presetDifferences(name).map { it.field }.toSet(), name)
        }
    }

    @Test
    fun `an error names field, value and remedy`() {
        val wrong = Config(srvRecord = "_sip._udp.a").let { it.copy(rollover = it.rollover.copy(failuresBeforeRollover = 0)) }
        val error = assertThrows(RehomeException.Config::class.java) { checkConfig(wrong) }
        assertEquals("rollover.failuresBeforeRollover: 0 cannot be used: use 1 to 20", error.message)
        val typed = assertThrows(RehomeException.Config::class.java) { configFromJson("""{"rollover":{"failures":3}}""") }
        assertTrue(typed.message!!.startsWith("rollover.failures: unknown field `failures`, expected one of"), typed.message)
        val unknown = assertThrows(RehomeException.UnknownPreset::class.java) { preset("polycom") }
        assertEquals("there is no preset \"polycom\": use default, xima, tpi, genesys, broadworks, rfc3263", unknown.message)
        Registration(Config(srvRecord = "_sip._udp.example.test"), 1).use { registration ->
            registration.step(Input.Start, 0)
            val input = assertThrows(RehomeException.UnknownId::class.java) {
                registration.step(Input.Outcome(7, Outcome.NotSent), 0)
            }
            assertTrue("id 7 was never given out: hand back" in input.message!!, input.message)
        }
    }
}
