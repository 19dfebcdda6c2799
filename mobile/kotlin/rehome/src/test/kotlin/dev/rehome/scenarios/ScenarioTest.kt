package dev.rehome.scenarios

import dev.rehome.Project
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.concurrent.ConcurrentLinkedQueue

/** The whole suite through the public API, with the trace hashes of the native runner. */
class ScenarioTest {
    private val folder = File(Project.root, "tests/scenarios")
    private val names = folder.walk().filter { it.extension == "json" && it.name != "suite.json" }
        .map { it.relativeTo(folder).invariantSeparatorsPath }.sorted().toList()

    @Test
    fun `the hash and the canonical form are the documented ones`() {
        assertEquals("cbf29ce484222325", Hash().hex())
        val bytes = mapOf("b" to listOf(1, mapOf("z" to null, "y" to "a\"\\/é\n\u0001\u007f")), "B" to true, "a" to null)
        assertEquals("{\"B\":true,\"b\":[1,{\"y\":\"a\\\"\\\\/é\\n\\u0001\u007f\"}]}", canonical(bytes))
    }

    @Test
    fun `a failed expectation fails`() {
        val good = read(File(folder, names.first { "\"register\"" in File(folder, it).readText() }).readText())
        val steps = list(good["steps"]).map(::fields).toMutableList()
        val acting = steps.indexOfFirst { it["actions"] != null }
        val actions = list(steps[acting]["actions"]).map(::fields)
        steps[acting] = steps[acting] + ("actions" to actions.map { it + ("id" to 77L) })
        val error = assertThrows(Mismatch::class.java) { run(good + ("steps" to steps)) }
        assertTrue("actions[0].id: expected 77" in error.message!!, error.message)
    }

    @Test
    fun `all scenarios as natively`() {
        assertEquals(read(File(folder, "suite.json").readText())["files"], names.size.toLong())
        val failures = ConcurrentLinkedQueue<String>()
        // Statistics are thousands of runs: on as many threads as there are, those that take long first.
        val slow = names.sortedBy { "\"statistics\"" !in File(folder, it).readText() }
        val hashes = slow.parallelStream().map { name ->
            name to try {
                run(read(File(folder, name).readText()))
            } catch (error: Exception) {
                failures += "$name: $error"
                "failed"
            }
        }.toList().toMap()
        assertEquals(emptyList<String>(), failures.toList())
        val suite = Hash()
        val lines = names.map { name -> "$name ${hashes[name]}".also(suite::line) }
        val native = Project.output(Project.built("debug/examples/hashes"))
        val ours = lines + "trace hash ${suite.hex()}" + "${names.size} passed, 0 failed"
        assertEquals(native.trim(), ours.joinToString("\n"))
        println("${names.size} scenarios, trace hash ${suite.hex()}: as natively")
    }
}
