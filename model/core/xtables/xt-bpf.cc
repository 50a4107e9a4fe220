/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-match.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>

namespace ns3
{
namespace
{

enum Id : uint8_t
{
    BYTECODE,
};

constexpr XtOption OPTIONS[] = {
    {.name = "bytecode", .type = XtType::STRING, .id = BYTECODE},
};

constexpr size_t MAX_PROGRAM = 64;
constexpr size_t SCRATCH = 16;

struct Instruction
{
    uint16_t code;
    uint8_t jt;
    uint8_t jf;
    uint32_t k;
};

/// Parts of an opcode (McCanne and Jacobson, "The BSD Packet Filter", 1993).
enum Code : uint16_t
{
    LD = 0,
    LDX = 1,
    ST = 2,
    STX = 3,
    ALU = 4,
    JMP = 5,
    RET = 6,
    MISC = 7,
    SIZE_H = 0x08,
    SIZE_B = 0x10,
    MODE_IMM = 0x00,
    MODE_ABS = 0x20,
    MODE_IND = 0x40,
    MODE_MEM = 0x60,
    MODE_LEN = 0x80,
    MODE_MSH = 0xa0,
    SOURCE_X = 0x08,
    RET_A = 0x10,
};

using Program = std::vector<Instruction>;

/// One run of a program over a packet.
class Machine
{
  public:
    explicit Machine(NfBytes bytes)
        : m_bytes(bytes)
    {
    }

    uint32_t Run(const Program& program)
    {
        for (size_t pc = 0; pc < program.size(); pc++)
        {
            const Instruction& i = program[pc];
            switch (i.code & 7)
            {
            case LD:
            case LDX:
                if (!Load(i))
                {
                    return 0;
                }
                break;
            case ST:
                m_memory[i.k] = m_a;
                break;
            case STX:
                m_memory[i.k] = m_x;
                break;
            case ALU:
                if (!Compute(i))
                {
                    return 0;
                }
                break;
            case JMP:
                pc += (i.code & 0xf0) == 0 ? i.k : Holds(i) ? i.jt : i.jf;
                break;
            case RET:
                return i.code & RET_A ? m_a : i.k;
            default:
                (i.code & 0x80 ? m_a : m_x) = i.code & 0x80 ? m_x : m_a;
            }
        }
        return 0;
    }

  private:
    bool Fetch(uint64_t at, size_t size, uint32_t& value) const
    {
        if (at + size > m_bytes.size())
        {
            return false;
        }
        const uint8_t* p = m_bytes.data() + at;
        value = size == 4 ? NfReadU32(p) : size == 2 ? NfReadU16(p) : *p;
        return true;
    }

    bool Load(const Instruction& i)
    {
        uint32_t& target = (i.code & 7) == LD ? m_a : m_x;
        const size_t size = i.code & SIZE_B ? 1 : i.code & SIZE_H ? 2 : 4;
        switch (i.code & 0xe0)
        {
        case MODE_IMM:
            target = i.k;
            return true;
        case MODE_ABS:
            return Fetch(i.k, size, target);
        case MODE_IND:
            return Fetch(uint64_t{m_x} + i.k, size, target);
        case MODE_MEM:
            target = m_memory[i.k];
            return true;
        case MODE_LEN:
            target = static_cast<uint32_t>(m_bytes.size());
            return true;
        default:
            if (!Fetch(i.k, 1, target))
            {
                return false;
            }
            target = (target & 0xf) * 4;
            return true;
        }
    }

    bool Compute(const Instruction& i)
    {
        const uint32_t v = i.code & SOURCE_X ? m_x : i.k;
        switch (i.code & 0xf0)
        {
        case 0x00:
            m_a += v;
            break;
        case 0x10:
            m_a -= v;
            break;
        case 0x20:
            m_a *= v;
            break;
        case 0x30:
            m_a = v ? m_a / v : 0;
            return v != 0;
        case 0x40:
            m_a |= v;
            break;
        case 0x50:
            m_a &= v;
            break;
        case 0x60:
            m_a <<= v & 31;
            break;
        case 0x70:
            m_a >>= v & 31;
            break;
        case 0x80:
            m_a = -m_a;
            break;
        case 0x90:
            m_a = v ? m_a % v : 0;
            return v != 0;
        default:
            m_a ^= v;
        }
        return true;
    }

    bool Holds(const Instruction& i) const
    {
        const uint32_t v = i.code & SOURCE_X ? m_x : i.k;
        switch (i.code & 0xf0)
        {
        case 0x10:
            return m_a == v;
        case 0x20:
            return m_a > v;
        case 0x30:
            return m_a >= v;
        default:
            return (m_a & v) != 0;
        }
    }

    NfBytes m_bytes;
    uint32_t m_a{0};
    uint32_t m_x{0};
    std::array<uint32_t, SCRATCH> m_memory{};
};

bool
IsKnown(const Instruction& i)
{
    const uint16_t mode = i.code & 0xe0;
    switch (i.code & 7)
    {
    case LD:
        return i.code <= 0x80 && (i.code & 0x18) != 0x18;
    case LDX:
        return i.code == (LDX | MODE_IMM) || i.code == (LDX | MODE_MEM) ||
               i.code == (LDX | MODE_LEN) || i.code == (LDX | SIZE_B | MODE_MSH);
    case ST:
    case STX:
        return mode == 0 && (i.code & 0x18) == 0;
    case ALU:
        return i.code <= (0xa0 | SOURCE_X | ALU) && i.code != (0x80 | SOURCE_X | ALU);
    case JMP:
        return i.code <= (0x40 | SOURCE_X | JMP) && i.code != (SOURCE_X | JMP);
    case RET:
        return i.code == RET || i.code == (RET | RET_A);
    default:
        return i.code == MISC || i.code == (MISC | 0x80);
    }
}

/// Linux: bpf_check_classic(). A program that passes always ends and never leaves its memory.
bool
IsSafe(const Program& program)
{
    for (size_t pc = 0; pc < program.size(); pc++)
    {
        const Instruction& i = program[pc];
        const unsigned kind = i.code & 7;
        const bool memory = kind == ST || kind == STX ||
                            ((kind == LD || kind == LDX) && (i.code & 0xe0) == MODE_MEM);
        const bool division = kind == ALU && !(i.code & SOURCE_X) &&
                              ((i.code & 0xf0) == 0x30 || (i.code & 0xf0) == 0x90);
        const bool shift = kind == ALU && !(i.code & SOURCE_X) &&
                           ((i.code & 0xf0) == 0x60 || (i.code & 0xf0) == 0x70);
        const size_t left = program.size() - pc - 1;
        const bool jump = kind == JMP;
        if (!IsKnown(i) || (memory && i.k >= SCRATCH) || (division && i.k == 0) ||
            (shift && i.k >= 32) ||
            (jump && ((i.code & 0xf0) == 0 ? i.k >= left : i.jt >= left || i.jf >= left)))
        {
            return false;
        }
    }
    return !program.empty() && (program.back().code & 7) == RET;
}

/// -m bpf: a classic filter program on the IP packet (Linux: net/netfilter/xt_bpf.c)
class XtBpf final : public XtMatch
{
  public:
    NfStatus Parse(const XtArg& arg) override
    {
        const std::string& text = arg.text;
        unsigned length = 0;
        const size_t comma = text.find(',');
        if (comma == std::string::npos || std::sscanf(text.c_str(), "%u,", &length) != 1)
        {
            return XtBadParameter("bpf: error parsing program length");
        }
        if (length == 0 || length > MAX_PROGRAM)
        {
            return XtBadParameter(length ? "bpf: number of instructions exceeds maximum"
                                         : "bpf: illegal zero length program");
        }
        for (const std::string& word : XtSplit(std::string_view(text).substr(comma + 1), ','))
        {
            if (word.empty())
            {
                continue;
            }
            if (m_program.size() == length)
            {
                return XtBadParameter(
                    "bpf: real program length exceeds the encoded length parameter");
            }
            unsigned short code = 0;
            unsigned char jt = 0;
            unsigned char jf = 0;
            unsigned k = 0;
            if (std::sscanf(word.c_str(), "%hu %hhu %hhu %u", &code, &jt, &jf, &k) != 4)
            {
                return XtBadParameter(fmt::format("bpf: error at instr {}", m_program.size()));
            }
            m_program.push_back(Instruction{code, jt, jf, k});
        }
        return m_program.size() == length
                   ? NfOk()
                   : XtBadParameter(
                         "bpf: parsed program length is less than the encoded length parameter");
    }

    NfStatus Finish(uint32_t seen) override
    {
        return seen ? NfOk() : XtBadParameter("bpf: one of --bytecode or --pinned is required");
    }

    int Check(const XtCheck& check) override
    {
        if (IsSafe(m_program))
        {
            return 0;
        }
        check.Info("xt_bpf: check failed: parse error");
        return EINVAL;
    }

    bool Match(XtParam& param) override
    {
        const std::vector<uint8_t> bytes = param.packet.Serialize();
        return Machine(bytes).Run(m_program) != 0;
    }

    std::string Save(const XtIp&) const override
    {
        return fmt::format(" --bytecode \"{},{}\"", m_program.size(), Format());
    }

    std::string Print(const XtIp&, bool) const override
    {
        // The tool prints the end of its string, too.
        return "match bpf " + Format() + '\0';
    }

  private:
    std::string Format() const
    {
        std::string text;
        for (const Instruction& i : m_program)
        {
            text += fmt::format("{}{} {} {} {}", text.empty() ? "" : ",", i.code, i.jt, i.jf, i.k);
        }
        return text;
    }

    Program m_program;
};

} // namespace

extern const XtMatchType XT_BPF;
const XtMatchType XT_BPF{
    .name = "bpf",
    .options = OPTIONS,
    .make = XtMakeMatch<XtBpf>,
};

} // namespace ns3
